/* pick_body.h: whole pixels taken from where they are, of any element type, with no arithmetic on them. Part of a
 * variant (see cpu.h). */

#define SEQAUG_PICK(bytes)                                                                                         \
    case bytes:                                                                                                    \
        for (int i = 0; i < count; i++)                                                                            \
            memcpy(to + i * to_step, data + places->y[i] * row + places->x[i] * column, bytes);                    \
        return
static void SEQAUG_V(pick)(const seqaug_image *source, const char *data, const seqaug_places *places, int count,
                           int64_t size, char *to, int64_t to_step)
{
    int64_t row = source->stride[0], column = source->stride[1];
    switch (size) { /* a constant size becomes plain moves */
        SEQAUG_PICK(1);
        SEQAUG_PICK(2);
        SEQAUG_PICK(3);
        SEQAUG_PICK(4);
        SEQAUG_PICK(8);
        SEQAUG_PICK(12);
        SEQAUG_PICK(16);
    }
    for (int i = 0; i < count; i++)
        memcpy(to + i * to_step, data + places->y[i] * row + places->x[i] * column, (size_t)size);
}
#undef SEQAUG_PICK

/* Nearest neighbours from a source to a target of its type. */
static void SEQAUG_V(pick_all)(const seqaug_job *job)
{
    const seqaug_image *source = &job->source, *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype], channels = target->shape[2];
    int whole = source->stride[2] == item && target->stride[2] == item;
    int64_t size = whole || channels == 1 ? channels * item : item;
    seqaug_places places;
    for (int64_t row = 0; row < target->shape[0]; row++)
        for (int64_t first = 0; first < target->shape[1]; first += SEQAUG_COLUMNS) {
            int64_t left = target->shape[1] - first;
            int count = left < SEQAUG_COLUMNS ? (int)left : SEQAUG_COLUMNS;
            char *to = (char *)target->data + row * target->stride[0] + first * target->stride[1];
            SEQAUG_V(place_exactly)(job, row, first, count, &places);
            for (int64_t k = 0; k * size < channels * item; k++)
                SEQAUG_V(pick)(source, (const char *)source->data + k * source->stride[2], &places, count, size,
                               to + k * target->stride[2], target->stride[1]);
            for (int i = 0; places.any_outside && i < count; i++)
                for (int64_t k = 0; places.outside[i] && k < channels; k++)
                    put_element(target->dtype, job->how->fill[k], to + i * target->stride[1] + k * target->stride[2]);
        }
}
