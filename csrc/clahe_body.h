/* clahe_body.h: the bytes that a picture stands for, and what they become. Part of a variant (see cpu.h). */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)

static void SEQAUG_V(find_bytes)(const float *restrict from, int64_t count, const float range[2], uint8_t *restrict to)
{
    float low = range[0], extent = range[1] - range[0];
    if (low == 0.0f && extent == 255.0f) {
        for (int64_t i = 0; i < count; i++) {
            float v = from[i] > 0.0f ? from[i] : 0.0f;
            to[i] = (uint8_t)(int32_t)(v < 255.0f ? v : 255.0f);
        }
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        float v = (from[i] - low) / extent * 255.0f;
        v = v > 0.0f ? v : 0.0f;
        to[i] = (uint8_t)(int32_t)(v < 255.0f ? v : 255.0f);
    }
}

/* What the tables of the four tiles around have for `some` channels, from `first` on, of each pixel. */
static inline void SEQAUG_V(look_up)(const seqaug_tiles *tiles, const float *above, const float *below,
                                     const uint8_t *bytes, int64_t x, int64_t pixels, int64_t first, int64_t some,
                                     float corner[4][SEQAUG_AT_ONCE])
{
    int64_t table = tiles->channels * SEQAUG_BYTES;
    for (int64_t i = 0; i < pixels; i++) {
        const uint8_t *pixel = bytes + (x + i) * tiles->channels + first;
        int64_t left = tiles->left[x + i] * table, right = tiles->right[x + i] * table;
        for (int64_t k = 0; k < some; k++) {
            int64_t entry = (first + k) * SEQAUG_BYTES + pixel[k];
            corner[0][i * some + k] = above[left + entry];
            corner[1][i * some + k] = above[right + entry];
            corner[2][i * some + k] = below[left + entry];
            corner[3][i * some + k] = below[right + entry];
        }
    }
}

/* One row, by the tables of the tiles above and below, of which the lower ones have this share. Looking up and blending
 * take turns: only the one is vector code. */
static void SEQAUG_V(blend_tables)(const seqaug_tiles *tiles, const float *above, const float *below, float share,
                                   const uint8_t *bytes, const float range[2], float *restrict to)
{
    float corner[4][SEQAUG_AT_ONCE], low = range[0], extent = range[1] - range[0];
    int64_t channels = tiles->channels, step = channels < SEQAUG_AT_ONCE ? SEQAUG_AT_ONCE / channels : 1;
    for (int64_t x = 0; x < tiles->width; x += step) {
        int64_t pixels = tiles->width - x < step ? tiles->width - x : step;
        for (int64_t first = 0; first < channels; first += SEQAUG_AT_ONCE) {
            int64_t some = channels - first < SEQAUG_AT_ONCE ? channels - first : SEQAUG_AT_ONCE;
            const float *restrict aside = tiles->aside + x * channels + first;
            float *restrict out = to + x * channels + first;
            if (channels == 1)
                SEQAUG_V(look_up)(tiles, above, below, bytes, x, pixels, 0, 1, corner);
            else if (channels == 3)
                SEQAUG_V(look_up)(tiles, above, below, bytes, x, pixels, 0, 3, corner);
            else
                SEQAUG_V(look_up)(tiles, above, below, bytes, x, pixels, first, some, corner);
            for (int64_t i = 0; i < pixels * some; i++) {
                float w = aside[i], upper = corner[0][i] * (1.0f - w) + corner[1][i] * w;
                float lower = corner[2][i] * (1.0f - w) + corner[3][i] * w;
                out[i] = upper * (1.0f - share) + lower * share;
            }
        }
    }
    for (int64_t i = 0; !(low == 0.0f && extent == 255.0f) && i < tiles->width * channels; i++)
        to[i] = to[i] / 255.0f * extent + low;
}

#undef SEQAUG_V
#undef SEQAUG_VARIANT
