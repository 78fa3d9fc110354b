/* philox.c: keyed random bits. */
#include "seqaug.h"

void seqaug_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)b;
        c3 = (uint32_t)a;
        k0 += 0x9E3779B9u; /* the golden ratio */
        k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void seqaug_bits(uint64_t key, uint32_t slot, uint32_t epoch, const uint32_t *ids, int64_t count, uint32_t first,
                 uint32_t blocks, uint32_t *words)
{
    const uint32_t halves[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    for (int64_t i = 0; i < count; i++)
        for (uint32_t b = 0; b < blocks; b++) {
            const uint32_t counter[4] = {first + b, slot, ids[i], epoch};
            seqaug_philox(counter, halves, words);
            words += 4;
        }
}

void seqaug_uniforms(uint64_t key, uint32_t slot, uint32_t epoch, const uint32_t *ids, int64_t count, uint32_t first,
                     uint32_t numbers, double *out)
{
    const uint32_t halves[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    for (int64_t i = 0; i < count; i++) {
        uint32_t words[4] = {0};
        for (uint32_t number = first; number - first < numbers; number++) {
            const uint32_t counter[4] = {number / 2, slot, ids[i], epoch};
            if (number == first || number % 2 == 0)
                seqaug_philox(counter, halves, words);
            const uint32_t *pair = words + 2 * (number % 2);
            *out++ = ((double)(pair[0] >> 5) * 67108864.0 + (double)(pair[1] >> 6)) * 0x1p-53;
        }
    }
}
