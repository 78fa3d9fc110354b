/* filter_jobs.h: the jobs of fuzz.c for what looks at neighbours: packed floats in and out, memory handed in. */

static int is_filter(int kernel) { return kernel >= BLUR; }

/* The shapes of source and target, both packed. */
static void shape_filter(const job *j, int64_t from[3], int64_t to[3])
{
    if (j->kernel == ELASTIC || j->kernel == DISPLACE)
        from[0] = 2; /* two planes */
    memcpy(to, from, 3 * sizeof *to);
    if (j->kernel == DISPLACE) { /* points */
        to[0] = 1;
        to[2] = 2;
    }
}

static void draw_filter(job *j)
{
    static const double sigmas[] = {1e-300, 1e-6, 0.3, 1.0, 3.0, 20.0, 1e300};
    filter_numbers *n = &j->numbers;
    const int64_t *shape = j->source.image.shape;
    int64_t space = 0;
    for (int axis = 0; axis < 2; axis++) {
        n->size[axis] = once_in(20) ? UINT16_MAX : 1 + 2 * below(40);
        n->sigma[axis] = sigmas[below(7)];
        n->grid[axis] = once_in(4) ? INT32_MAX : 1 + below(20);
        n->key[axis] = (uint32_t)chance();
    }
    n->strength = (float)between(-1.0, 3.0);
    n->limit = once_in(4) ? 0.0 : once_in(4) ? INFINITY : exp2(between(-9.0, 9.0));
    n->range[0] = once_in(2) ? 0.0f : (float)between(-300.0, 10.0);
    n->range[1] = once_in(2) ? 255.0f : n->range[0] + (float)exp2(between(-20.0, 120.0));
    n->alpha = between(-30.0, 30.0);
    n->deviation = once_in(8) ? 0.0 : once_in(20) ? 9999.0 : exp2(between(-6.0, 5.0));
    if (j->kernel == BLUR)
        space = seqaug_blur_space(shape, n->size);
    if (j->kernel == SHARPEN)
        space = seqaug_sharpen_space(shape);
    if (j->kernel == CLAHE)
        space = seqaug_clahe_space(shape, n->grid);
    if (j->kernel == ELASTIC)
        space = seqaug_elastic_space(shape + 1, n->deviation);
    j->space = block_of(space, sizeof(float));
    n->points = block_of(j->kernel == DISPLACE ? 2 * shape[1] : 0, sizeof(double));
    for (int64_t i = 0; j->kernel == DISPLACE && i < 2 * shape[1]; i++)
        n->points[i] = once_in(6) ? odd_number() : between(-20.0, 60.0);
}

static void spoil_filter(job *j)
{
    filter_numbers *n = &j->numbers;
    double odd = once_in(3) ? NAN : once_in(2) ? INFINITY : -1e10;
    j->spoilt = j->kernel != DISPLACE; /* which takes anything */
    switch (j->kernel) {
        case BLUR:
            if (once_in(2))
                n->size[below(2)] = once_in(2) ? 2 * below(9) : once_in(2) ? -1 : UINT16_MAX + 2;
            else
                n->sigma[below(2)] = odd;
            return;
        case SHARPEN: n->strength = (float)odd; return;
        case CLAHE:
            n->grid[below(2)] -= once_in(2) ? n->grid[0] + n->grid[1] : 0;
            if (n->grid[0] > 0 && n->grid[1] > 0)
                n->range[1] = once_in(2) ? NAN : n->range[0];
            return;
        case ELASTIC:
            if (once_in(2))
                n->alpha = odd;
            else
                n->deviation = odd;
            return;
        default: return;
    }
}

static seqaug_status run_filter(const job *j)
{
    const filter_numbers *n = &j->numbers;
    const int64_t *shape = j->source.image.shape;
    const void *from = j->source.image.data;
    int is_bytes = j->source.image.dtype == SEQAUG_u8;
    void *to = j->target.image.data;
    switch (j->kernel) {
        case BLUR: return seqaug_blur(from, shape, n->size, n->sigma, n->range, j->space, to);
        case SHARPEN: return seqaug_sharpen(from, is_bytes, shape, n->strength, n->range, j->space, to);
        case CLAHE: return seqaug_clahe(from, shape, n->grid, n->limit, n->range, j->space, to);
        case ELASTIC: return seqaug_elastic(n->key, shape + 1, n->alpha, n->deviation, j->space, to);
        default: seqaug_displace(from, shape + 1, n->points, shape[1], to); return SEQAUG_OK;
    }
}
