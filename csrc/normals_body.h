/* normals_body.h: keyed normal numbers, 64 at a time. Part of a variant (see cpu.h).
 *
 * Number e has piece e / 8 % 8 of block e / 64 * 8 + e % 8, so that eight neighbours come from eight blocks, which vector
 * code computes at once.
 */
#ifndef SEQAUG_NORMALS
#define SEQAUG_ROUND(c0, c1, c2, c3, k0, k1)                                                                       \
    do {                                                                                                           \
        uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;                                   \
        c0 = (uint32_t)(b >> 32) ^ c1 ^ (k0);                                                                      \
        c2 = (uint32_t)(a >> 32) ^ c3 ^ (k1);                                                                      \
        c1 = (uint32_t)b;                                                                                          \
        c3 = (uint32_t)a;                                                                                          \
    } while (0)

/* The Philox blocks (see philox.c) of counters (block .. block + 7, part, 0), of which block is a multiple of 8. */
static inline void SEQAUG_V(philox_eight)(const uint32_t key[2], uint64_t block, uint32_t part, uint32_t words[4][8])
{
    uint32_t k0 = key[0], k1 = key[1], low = (uint32_t)block, high = (uint32_t)(block >> 32);
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t c0 = low + i, c1 = high, c2 = part, c3 = 0;
        SEQAUG_ROUND(c0, c1, c2, c3, k0, k1);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 1 * 0x9E3779B9u, k1 + 1 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 2 * 0x9E3779B9u, k1 + 2 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 3 * 0x9E3779B9u, k1 + 3 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 4 * 0x9E3779B9u, k1 + 4 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 5 * 0x9E3779B9u, k1 + 5 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 6 * 0x9E3779B9u, k1 + 6 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 7 * 0x9E3779B9u, k1 + 7 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 8 * 0x9E3779B9u, k1 + 8 * 0xBB67AE85u);
        SEQAUG_ROUND(c0, c1, c2, c3, k0 + 9 * 0x9E3779B9u, k1 + 9 * 0xBB67AE85u);
        words[0][i] = c0;
        words[1][i] = c1;
        words[2][i] = c2;
        words[3][i] = c3;
    }
}
#undef SEQAUG_ROUND

/* The 64 normal numbers of eight blocks (see normal.h): by vector code around plain moves out of the table. */
static inline void SEQAUG_V(normals)(const uint32_t words[4][8], float *restrict out)
{
    uint32_t line[64], sign[64];
    float past[64], lines[64][2];
    for (int piece = 0; piece < 8; piece++)
        for (int i = 0; i < 8; i++) {
            uint32_t bits = words[piece / 2][i] << piece % 2 * 16;
            float tail = (float)(int32_t)((bits >> 15 & 0xFFFE) | 1u);
            sign[8 * piece + i] = bits & 0x80000000u;
            memcpy(&bits, &tail, sizeof bits);
            line[8 * piece + i] = (bits - 0x3F800000u) >> 18;
            past[8 * piece + i] = (float)(int32_t)(bits & 0x3FFFF) * 0x1p-18f;
        }
    for (int i = 0; i < 64; i++)
        memcpy(lines[i], seqaug_normal_lines[line[i]], sizeof lines[i]);
    for (int i = 0; i < 64; i++) {
        float size = lines[i][0] + lines[i][1] * past[i];
        uint32_t bits;
        memcpy(&bits, &size, sizeof bits);
        bits ^= sign[i];
        memcpy(out + i, &bits, sizeof bits);
    }
}

#endif

/* The numbers of the blocks block .. block + 7, of which block is a multiple of 8. */
static inline void SEQAUG_V(normals_of)(const uint32_t key[2], uint64_t block, uint32_t part, float *out)
{
#ifdef SEQAUG_NORMALS
    SEQAUG_NORMALS(key, block, part, out);
#else
    uint32_t words[4][8];
    SEQAUG_V(philox_eight)(key, block, part, words);
    SEQAUG_V(normals)((const uint32_t(*)[8])words, out);
#endif
}
