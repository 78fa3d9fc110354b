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

/* One row, by the tables of the tiles above and below; `share` is the lower ones', and `aside` the right ones' of each
 * value. Looking up and blending take turns: only the one is vector code. */
static void SEQAUG_V(blend_tables)(const seqaug_tiles *tiles, const float *above, const float *below, float share,
                                   const uint8_t *bytes, const float range[2], float *to)
{
    float corner[4][SEQAUG_AT_ONCE], low = range[0], extent = range[1] - range[0];
    const float *aside = tiles->aside;
    int64_t channels = tiles->channels, table = channels * SEQAUG_BYTES;
    int64_t step = channels < SEQAUG_AT_ONCE ? SEQAUG_AT_ONCE / channels : 1;
    for (int64_t x = 0; x < tiles->width; x += step) {
        int64_t pixels = tiles->width - x < step ? tiles->width - x : step;
        for (int64_t first = 0; first < channels; first += SEQAUG_AT_ONCE) {
            int64_t some = channels - first < SEQAUG_AT_ONCE ? channels - first : SEQAUG_AT_ONCE, at = x * channels + first;
            for (int64_t i = 0; i < pixels; i++)
                for (int64_t k = 0; k < some; k++) {
                    int64_t entry = SEQAUG_BYTES * (first + k) + bytes[at + i * channels + k];
                    int64_t left = tiles->left[x + i] * table + entry, right = tiles->right[x + i] * table + entry;
                    corner[0][i * some + k] = above[left];
                    corner[1][i * some + k] = above[right];
                    corner[2][i * some + k] = below[left];
                    corner[3][i * some + k] = below[right];
                }
            for (int64_t i = 0; i < pixels * some; i++) {
                float w = aside[at + i], upper = corner[0][i] * (1.0f - w) + corner[1][i] * w;
                float lower = corner[2][i] * (1.0f - w) + corner[3][i] * w;
                to[at + i] = upper * (1.0f - share) + lower * share;
            }
        }
    }
    for (int64_t i = 0; !(low == 0.0f && extent == 255.0f) && i < tiles->width * channels; i++)
        to[i] = to[i] / 255.0f * extent + low;
}

#undef SEQAUG_V
#undef SEQAUG_VARIANT
