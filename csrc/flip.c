/* flip.c: mirrors by moving whole pixels, whatever their type. */
#include "cpu.h"
#include "flip.h"
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
static void reverse_plainly(char *to, const char *from, int64_t pixels, int64_t size)
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
/* Where each of 16 bytes comes from when as many pixels of 1 to 8 bytes as fit come to the front in reverse. */
static const signed char reversed[9][16] = {
    [1] = {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
    [2] = {14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1},
    [3] = {13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, -1},
    [4] = {12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3},
    [5] = {11, 12, 13, 14, 15, 6, 7, 8, 9, 10, 1, 2, 3, 4, 5, -1},
    [6] = {10, 11, 12, 13, 14, 15, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1},
    [7] = {9, 10, 11, 12, 13, 14, 15, 2, 3, 4, 5, 6, 7, 8, -1, -1},
    [8] = {8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7},
};

/* Loads the 16 bytes that end a group of pixels, brings the pixels to the front in reverse with one shuffle, stores; the
 * next store overwrites the bytes behind the group. Returns how many pixels at the end of the row are done. */
static int64_t reverse_small_avx2(char *to, const char *from, int64_t pixels, int64_t size)
{
    __m128i shuffle = _mm_loadu_si128((const __m128i *)reversed[size]);
    int64_t group = 16 / size, bytes = group * size, left = pixels * size;
    const char *end = from + left - 16;
    for (; left >= 16; left -= bytes, to += bytes, end -= bytes)
        _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)end), shuffle));
    return pixels - left / size;
}

/* Pixels of 12 bytes, p q r s in three loads: ppp q | qq rr | r sss become sss r | rr qq | q ppp. */
static int64_t reverse_twelve_avx2(char *to, const char *from, int64_t pixels)
{
    int64_t done = 0;
    for (; pixels - done >= 4; done += 4) {
        const __m128i *group = (const __m128i *)(from + (pixels - done) * 12 - 48);
        __m128i *out = (__m128i *)(to + done * 12);
        __m128i a = _mm_loadu_si128(group), b = _mm_loadu_si128(group + 1), c = _mm_loadu_si128(group + 2);
        __m128i middle = _mm_castps_si128(
            _mm_shuffle_ps(_mm_castsi128_ps(c), _mm_castsi128_ps(a), _MM_SHUFFLE(3, 3, 0, 0)));
        _mm_storeu_si128(out, _mm_alignr_epi8(_mm_shuffle_epi32(b, _MM_SHUFFLE(2, 2, 2, 2)), c, 4));
        _mm_storeu_si128(out + 1, _mm_blend_epi32(_mm_shuffle_epi32(b, _MM_SHUFFLE(0, 0, 0, 3)), middle, 6));
        _mm_storeu_si128(out + 2, _mm_alignr_epi8(a, _mm_shuffle_epi32(b, _MM_SHUFFLE(1, 1, 1, 1)), 12));
    }
    return done;
}
SEQAUG_END
#endif

void seqaug_reverse(char *to, const char *from, int64_t pixels, int64_t size)
{
    int64_t done = 0;
#if SEQAUG_HAVE_AVX2
    if (seqaug_uses_avx2() && size <= 8)
        done = reverse_small_avx2(to, from, pixels, size);
    else if (seqaug_uses_avx2() && size == 12)
        done = reverse_twelve_avx2(to, from, pixels);
#endif
    if (done < pixels)
        reverse_plainly(to + done * size, from, pixels - done, size);
}

static void flip_packed(const seqaug_image *source, const seqaug_image *target, int64_t size, int horizontal,
                        int vertical)
{
    int64_t height = source->shape[0], width = source->shape[1];
    for (int64_t y = 0; y < height; y++) {
        const char *from = row_of(source, vertical ? height - 1 - y : y);
        if (horizontal)
            seqaug_reverse(row_of(target, y), from, width, size);
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
