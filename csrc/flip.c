/* flip.c: mirrors by moving whole pixels, whatever their type. */
#include "cpu.h"
#include "seqaug.h"

#include <string.h>
#if SEQAUG_HAVE_AVX2
#include <immintrin.h>
#endif

static char *row_of(const seqaug_image *image, int64_t y)
{
    return (char *)image->data + y * image->stride[0];
}

/* Reverses the pixels of a row, `size` bytes each. */
static void reverse_row(char *to, const char *from, int64_t pixels, int64_t size)
{
    int64_t i = 0;
    from += (pixels - 1) * size;
#define SEQAUG_REVERSE(bytes)                                                                                      \
    for (; i < pixels; i++)                                                                                        \
        memcpy(to + i * (bytes), from - i * (bytes), bytes)
    switch (size) { /* a constant size becomes a plain move */
    case 1: SEQAUG_REVERSE(1); return;
    case 2: SEQAUG_REVERSE(2); return;
    case 3: SEQAUG_REVERSE(3); return;
    case 4: SEQAUG_REVERSE(4); return;
    case 8: SEQAUG_REVERSE(8); return;
    case 16: SEQAUG_REVERSE(16); return;
    }
#undef SEQAUG_REVERSE
    if (size > 8 && size < 16 && pixels > 2) {
        /* Sixteen bytes at a time: what a move writes too much, the next one overwrites. The first pixel would read
         * past the row and the last would write past it. */
        memcpy(to, from, (size_t)size);
        for (i = 1; i < pixels - 1; i++)
            memcpy(to + i * size, from - i * size, 16);
    }
    for (; i < pixels; i++)
        memcpy(to + i * size, from - i * size, (size_t)size);
}

#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
/* Mirrors rows of pixels of up to 8 bytes, as many as fit 16 at a time: load the 16 bytes that end a group, bring its
 * pixels to the front in reverse with one shuffle, store; the next store overwrites the bytes behind the group. */
static void reverse_rows_avx2(const seqaug_image *source, const seqaug_image *target, int64_t size, int vertical)
{
    int64_t height = source->shape[0], width = source->shape[1], group = 16 / size;
    char order[16];
    for (int64_t byte = 0; byte < 16; byte++)
        order[byte] = (char)(byte < group * size ? 16 - (byte / size + 1) * size + byte % size : -1);
    __m128i shuffle = _mm_loadu_si128((const __m128i *)order);
    for (int64_t y = 0; y < height; y++) {
        const char *from = row_of(source, vertical ? height - 1 - y : y), *end = from + width * size;
        char *to = row_of(target, y);
        for (; end - from >= 16; end -= group * size, to += group * size) {
            __m128i block = _mm_loadu_si128((const __m128i *)(end - 16));
            _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi8(block, shuffle));
        }
        reverse_row(to, from, (end - from) / size, size);
    }
}
SEQAUG_AVX2_END
#endif

static void flip_packed(const seqaug_image *source, const seqaug_image *target, int64_t size, int horizontal,
                        int vertical)
{
#if SEQAUG_HAVE_AVX2
    if (horizontal && size <= 8 && seqaug_current_cpu == SEQAUG_CPU_AVX2) {
        reverse_rows_avx2(source, target, size, vertical);
        return;
    }
#endif
    int64_t height = source->shape[0], width = source->shape[1];
    for (int64_t y = 0; y < height; y++) {
        const char *from = row_of(source, vertical ? height - 1 - y : y);
        if (horizontal)
            reverse_row(row_of(target, y), from, width, size);
        else
            memcpy(row_of(target, y), from, (size_t)(width * size));
    }
}

static int is_packed(const seqaug_image *image, int64_t item)
{
    return image->stride[2] == item && image->stride[1] == image->shape[2] * item;
}

seqaug_status seqaug_flip(const seqaug_image *source, const seqaug_image *target, int64_t item, int horizontal,
                          int vertical)
{
    int64_t height = source->shape[0], width = source->shape[1], channels = source->shape[2];
    if (memcmp(source->shape, target->shape, sizeof source->shape) != 0)
        return SEQAUG_BAD_SHAPE;
    if (item < 1)
        return SEQAUG_BAD_TYPE;
    if (width < 1 || channels < 1)
        return SEQAUG_OK;
    if (is_packed(source, item) && is_packed(target, item)) {
        flip_packed(source, target, channels * item, horizontal, vertical);
        return SEQAUG_OK;
    }
    for (int64_t y = 0; y < height; y++) {
        const char *from = row_of(source, vertical ? height - 1 - y : y);
        for (int64_t x = 0; x < width; x++)
            for (int64_t c = 0; c < channels; c++)
                memcpy(row_of(target, y) + x * target->stride[1] + c * target->stride[2],
                       from + (horizontal ? width - 1 - x : x) * source->stride[1] + c * source->stride[2],
                       (size_t)item);
    }
    return SEQAUG_OK;
}
