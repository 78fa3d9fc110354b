/* gauss_body.h: normal noise, 64 blocks of bits at a time. Part of a variant (see cpu.h). */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)

/* The blocks from `first` on: word k of block b is word[k][b]. As seqaug_philox, for many in vector code. */
static void SEQAUG_V(blocks)(const uint32_t key[2], uint32_t first, uint32_t word[4][SEQAUG_BLOCKS])
{
    uint32_t k0 = key[0], k1 = key[1];
    for (int i = 0; i < SEQAUG_BLOCKS; i++) {
        word[0][i] = first + (uint32_t)i;
        word[1][i] = word[2][i] = word[3][i] = 0;
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < SEQAUG_BLOCKS; i++) {
            uint64_t a = (uint64_t)0xD2511F53u * word[0][i], b = (uint64_t)0xCD9E8D57u * word[2][i];
            word[0][i] = (uint32_t)(b >> 32) ^ word[1][i] ^ k0;
            word[2][i] = (uint32_t)(a >> 32) ^ word[3][i] ^ k1;
            word[1][i] = (uint32_t)b;
            word[3][i] = (uint32_t)a;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* The distance from 0, sqrt(-2 log u) for u in 2^-24 .. 1. With u = 2^k m, m from sqrt(1/2) on, and s = (m - 1)/(m + 1),
 * log u is k log 2 + 2 artanh s, whose series ends at s^9: the next term is below 2^-30 of it. */
static void SEQAUG_V(distances)(const uint32_t *restrict word, float *restrict out)
{
    for (int i = 0; i < SEQAUG_BLOCKS; i++) {
        union {
            float number;
            int32_t bits;
        } u = {(float)(int32_t)((word[i] >> 8) + 1) * 0x1p-24f};
        int32_t bits = u.bits - 0x3F3504F3; /* that of sqrt(1/2) */
        u.bits = (bits & 0x007FFFFF) + 0x3F3504F3;
        float k = (float)(bits >> 23), s = (u.number - 1.0f) / (u.number + 1.0f), t = s * s;
        float sum = 1.0f + t * (1.0f / 3.0f + t * (1.0f / 5.0f + t * (1.0f / 7.0f + t * (1.0f / 9.0f))));
        float minus = -2.0f * (k * 0.693147181f + 2.0f * s * sum);
        out[i] = sqrtf(minus > 0.0f ? minus : 0.0f);
    }
}

/* Two normal numbers each: a direction anywhere on the circle, as an angle of up to an eighth either way (series up to
 * the 9th and 10th power) and a number of quarter turns. */
static void SEQAUG_V(turned)(const uint32_t *restrict word, const float *restrict distance, float *restrict first,
                             float *restrict second, int step)
{
    for (int i = 0; i < SEQAUG_BLOCKS; i++) {
        uint32_t quarter = word[i] >> 30;
        float part = (float)(int32_t)(word[i] >> 6 & 0xFFFFFF) * 0x1p-24f - 0.5f, a = part * 1.57079633f, t = a * a;
        float sine = a * (1.0f - t * (1.0f / 6.0f - t * (1.0f / 120.0f - t * (1.0f / 5040.0f - t * (1.0f / 362880.0f)))));
        float tail = 1.0f / 24.0f - t * (1.0f / 720.0f - t * (1.0f / 40320.0f - t * (1.0f / 3628800.0f)));
        float cosine = 1.0f - t * (0.5f - t * tail);
        float x = quarter & 1 ? sine : cosine, y = quarter & 1 ? cosine : sine, r = distance[i];
        first[i * step] = quarter == 1 || quarter == 2 ? -r * x : r * x;
        second[i * step] = quarter >= 2 ? -r * y : r * y;
    }
}

static void SEQAUG_V(noise)(const uint32_t key[2], uint32_t block, float *first, float *second)
{
    uint32_t word[4][SEQAUG_BLOCKS];
    float distance[SEQAUG_BLOCKS];
    SEQAUG_V(blocks)(key, block, word);
    for (int half = 0; half < 2; half++) {
        SEQAUG_V(distances)(word[2 * half], distance);
        SEQAUG_V(turned)(word[2 * half + 1], distance, first + half, second + half, 2);
    }
}

#undef SEQAUG_V
#undef SEQAUG_VARIANT
