/* pick_body.h: whole pixels taken from where they are, of any element type, with no arithmetic on them. Part of a
 * variant (see cpu.h). */

#define SEQAUG_PICK(bytes)                                                                                         \
    case bytes:                                                                                                    \
        /* eight at once, but for sizes that take two moves, which come out slower then */                         \
        for (; (bytes & (bytes - 1)) == 0 && to_step == bytes && i + 8 <= count; i += 8)                           \
            for (int k = 0; k < 8; k++)                                                                            \
                memcpy(to + (i + k) * bytes, data + offset[i + k], bytes);                                         \
        for (; i < count; i++)                                                                                     \
            memcpy(to + i * to_step, data + offset[i], bytes);                                                     \
        return
static void SEQAUG_V(pick)(const seqaug_job *job, const char *data, const seqaug_places *places, const int32_t *offset,
                           int count, int64_t size, char *to, int64_t to_step)
{
    int64_t row = job->source.stride[0], column = job->source.stride[1];
    int i = 0;
    switch (job->narrow ? size : 0) { /* a constant size becomes plain moves */
        SEQAUG_PICK(1);
        SEQAUG_PICK(2);
        SEQAUG_PICK(3);
        SEQAUG_PICK(4);
        SEQAUG_PICK(8);
        SEQAUG_PICK(12);
        SEQAUG_PICK(16);
    }
    for (; job->narrow && i < count; i++)
        memcpy(to + i * to_step, data + offset[i], (size_t)size);
    for (; i < count; i++)
        memcpy(to + i * to_step, data + places->y[i] * row + places->x[i] * column, (size_t)size);
}
#undef SEQAUG_PICK

/* Where the nearest pixels of a chunk are: by their byte offsets if those fit 32 bits, else by `places`, which say in any
 * case which are outside. */
static inline void SEQAUG_V(pick_places)(const seqaug_job *job, int64_t row, int64_t first, int count, int inside,
                                         seqaug_places *places, int32_t *offset)
{
#ifdef SEQAUG_NEAR_OFFSETS
    if (inside && job->fixed && job->narrow) {
        int64_t start[2], end[2];
        int all = SEQAUG_V(begin)(job, row, first, count, 0, start, end);
        places->any_outside = 0;
        if ((all || job->how->border != SEQAUG_REFLECT) && SEQAUG_NEAR_OFFSETS(job, start, count, offset))
            return;
    }
#endif
    SEQAUG_V(place)(job, row, first, count, inside, places);
    for (int i = 0; job->narrow && i < SEQAUG_EIGHTS(count); i++)
        offset[i] = places->y[i] * (int32_t)job->source.stride[0] + places->x[i] * (int32_t)job->source.stride[1];
}

/* Writes the fill into one pixel. */
static void SEQAUG_V(pick_fill)(const seqaug_job *job, char *to)
{
    const seqaug_image *target = &job->target;
    for (int64_t k = 0; k < target->shape[2]; k++)
        put_element(target->dtype, job->how->fill[k], to + k * target->stride[2]);
}

/* Fills `line` with pixels that lie as the target's do, and returns how many: none if those are not packed. */
static int64_t SEQAUG_V(pick_line)(const seqaug_job *job, char *line, int64_t bytes)
{
    const seqaug_image *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype], size = target->shape[2] * item, held = bytes / size;
    if (held == 0 || target->stride[1] != size || (target->shape[2] > 1 && target->stride[2] != item))
        return 0;
    SEQAUG_V(pick_fill)(job, line);
    for (int64_t done = 1; done < held; done *= 2)
        memcpy(line + done * size, line, (size_t)((done < held - done ? done : held - done) * size));
    return held;
}

/* `count` pixels from `to` on, which are outside; `line` has `held` such pixels. */
static void SEQAUG_V(pick_outside)(const seqaug_job *job, const char *line, int64_t held, char *to, int64_t count)
{
    int64_t step = job->target.stride[1];
    for (int64_t i = 0; i < count && held > 0; i += held)
        memcpy(to + i * step, line, (size_t)((held < count - i ? held : count - i) * step));
    for (int64_t i = 0; i < count && held == 0; i++)
        SEQAUG_V(pick_fill)(job, to + i * step);
}

/* Columns from .. to - 1 of a row; `inside` as for `place`. */
static void SEQAUG_V(pick_columns)(const seqaug_job *job, int64_t row, int64_t from, int64_t to, int inside)
{
    const seqaug_image *source = &job->source, *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype], channels = target->shape[2];
    int whole = channels == 1 || (source->stride[2] == item && target->stride[2] == item);
    int64_t size = whole ? channels * item : item;
    seqaug_places places;
    int32_t offset[SEQAUG_COLUMNS];
    for (int64_t first = from; first < to; first += SEQAUG_COLUMNS) {
        int count = to - first < SEQAUG_COLUMNS ? (int)(to - first) : SEQAUG_COLUMNS;
        char *out = (char *)target->data + row * target->stride[0] + first * target->stride[1];
        SEQAUG_V(pick_places)(job, row, first, count, inside, &places, offset);
        for (int64_t k = 0; k * size < channels * item; k++)
            SEQAUG_V(pick)(job, (const char *)source->data + k * source->stride[2], &places, offset, count, size,
                           out + k * target->stride[2], target->stride[1]);
        for (int i = 0; places.any_outside && i < count; i++)
            if (places.outside[i])
                SEQAUG_V(pick_fill)(job, out + i * target->stride[1]);
    }
}

/* Nearest neighbours from a source to a target of its type. */
static void SEQAUG_V(pick_all)(const seqaug_job *job)
{
    const seqaug_image *target = &job->target;
    int64_t width = target->shape[1], held = 0, touched[2] = {0, 0};
    int wraps = job->how->border == SEQAUG_WRAP, all = SEQAUG_V(has_no_jumps)(job);
    char line[4096];
    if (!all && !wraps)
        held = SEQAUG_V(pick_line)(job, line, sizeof line);
    for (int64_t row = 0; row < target->shape[0]; row++) {
        int64_t from = 0, to = width;
        if (row % 8 == 0)
            touch(job, row, 8, touched);
        if (all) {
            SEQAUG_V(pick_columns)(job, row, from, to, !job->perspective);
            continue;
        }
        SEQAUG_V(find_span)(job, row, &from, &to);
        char *out = (char *)target->data + row * target->stride[0];
        if (wraps) {
            SEQAUG_V(pick_columns)(job, row, 0, from, 0);
            SEQAUG_V(pick_columns)(job, row, to, width, 0);
        } else {
            SEQAUG_V(pick_outside)(job, line, held, out, from);
            SEQAUG_V(pick_outside)(job, line, held, out + to * target->stride[1], width - to);
        }
        SEQAUG_V(pick_columns)(job, row, from, to, 1);
    }
}
