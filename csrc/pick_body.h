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
static void SEQAUG_V(pick)(const seqaug_job *job, const char *data, const seqaug_places *places, int count, int64_t size,
                           char *to, int64_t to_step)
{
    int64_t row = job->source.stride[0], column = job->source.stride[1];
    int32_t offset[SEQAUG_COLUMNS];
    int i = 0;
    for (int k = 0; job->narrow && k < SEQAUG_EIGHTS(count); k++)
        offset[k] = places->y[k] * (int32_t)row + places->x[k] * (int32_t)column;
    switch (job->narrow ? size : 0) { /* a constant size becomes plain moves */
        SEQAUG_PICK(1);
        SEQAUG_PICK(2);
        SEQAUG_PICK(3);
        SEQAUG_PICK(4);
        SEQAUG_PICK(8);
        SEQAUG_PICK(12);
        SEQAUG_PICK(16);
    }
    for (; i < count; i++)
        memcpy(to + i * to_step, data + places->y[i] * row + places->x[i] * column, (size_t)size);
}
#undef SEQAUG_PICK

/* Writes the fill into `count` pixels from `to` on: into one, and from there into ever more of those that follow. */
static void SEQAUG_V(pick_outside)(const seqaug_job *job, char *to, int64_t count)
{
    const seqaug_image *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype], size = target->shape[2] * item;
    int packed = target->stride[1] == size && (target->shape[2] == 1 || target->stride[2] == item);
    int64_t single = packed && count > 1 ? 1 : count;
    for (int64_t i = 0; i < single; i++)
        for (int64_t k = 0; k < target->shape[2]; k++)
            put_element(target->dtype, job->how->fill[k], to + i * target->stride[1] + k * target->stride[2]);
    for (int64_t done = single; done < count; done *= 2)
        memcpy(to + done * size, to, (size_t)((done < count - done ? done : count - done) * size));
}

/* Columns from .. to - 1 of a row; `inside` as for `place`. */
static void SEQAUG_V(pick_columns)(const seqaug_job *job, int64_t row, int64_t from, int64_t to, int inside)
{
    const seqaug_image *source = &job->source, *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype], channels = target->shape[2];
    int whole = channels == 1 || (source->stride[2] == item && target->stride[2] == item);
    int64_t size = whole ? channels * item : item;
    seqaug_places places;
    for (int64_t first = from; first < to; first += SEQAUG_COLUMNS) {
        int count = to - first < SEQAUG_COLUMNS ? (int)(to - first) : SEQAUG_COLUMNS;
        char *out = (char *)target->data + row * target->stride[0] + first * target->stride[1];
        SEQAUG_V(place)(job, row, first, count, inside, &places);
        for (int64_t k = 0; k * size < channels * item; k++)
            SEQAUG_V(pick)(job, (const char *)source->data + k * source->stride[2], &places, count, size,
                           out + k * target->stride[2], target->stride[1]);
        for (int i = 0; places.any_outside && i < count; i++)
            if (places.outside[i])
                SEQAUG_V(pick_outside)(job, out + i * target->stride[1], 1);
    }
}

/* Nearest neighbours from a source to a target of its type. */
static void SEQAUG_V(pick_all)(const seqaug_job *job)
{
    const seqaug_image *target = &job->target;
    int64_t width = target->shape[1];
    int wraps = job->how->border == SEQAUG_WRAP;
    for (int64_t row = 0; row < target->shape[0]; row++) {
        int64_t from = 0, to = width;
        if (SEQAUG_V(has_no_jumps)(job)) {
            SEQAUG_V(pick_columns)(job, row, from, to, !job->perspective);
            continue;
        }
        SEQAUG_V(find_span)(job, row, &from, &to);
        char *out = (char *)target->data + row * target->stride[0];
        if (wraps) {
            SEQAUG_V(pick_columns)(job, row, 0, from, 0);
            SEQAUG_V(pick_columns)(job, row, to, width, 0);
        } else {
            SEQAUG_V(pick_outside)(job, out, from);
            SEQAUG_V(pick_outside)(job, out + to * target->stride[1], width - to);
        }
        SEQAUG_V(pick_columns)(job, row, from, to, 1);
    }
}
