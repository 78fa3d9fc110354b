/* shrink_wide.h: rows of bytes averaged in registers (see wide_avx2.h). Each value is the sum of the same products in the same
 * order as in the plain loops. Part of a variant (see cpu.h).
 */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)

/* Four registers of values at a time through all rows; the last may overlap with those before. */
static void SEQAUG_V(add_rows_u8)(const char *top, int64_t step, int64_t count, const float *weight, int64_t n,
                                  float *line)
{
    enum { WIDTH = SEQAUG_WIDE, MOST = 4 * SEQAUG_WIDE };
    for (int64_t at = 0; n >= MOST && at < n; at += MOST) {
        int64_t i = at + MOST <= n ? at : n - MOST;
        const uint8_t *from = (const uint8_t *)top + i;
        wide_floats a = wide_all(0.0f), b = a, c = a, d = a;
        for (int64_t y = 0; y < count; y++, from += step) {
            wide_floats by = wide_all(weight[y]); /* bytes and weights are not below 0, so there is no -0 */
            a = a + wide_of_bytes(from) * by;
            b = b + wide_of_bytes(from + WIDTH) * by;
            c = c + wide_of_bytes(from + 2 * WIDTH) * by;
            d = d + wide_of_bytes(from + 3 * WIDTH) * by;
        }
        wide_store(line + i, a);
        wide_store(line + i + WIDTH, b);
        wide_store(line + i + 2 * WIDTH, c);
        wide_store(line + i + 3 * WIDTH, d);
    }
    for (int64_t i = 0; n < MOST && i < n; i++) {
        float sum = 0.0f;
        for (int64_t y = 0; y < count; y++)
            sum += (float)(uint8_t)top[y * step + i] * weight[y];
        line[i] = sum;
    }
}

#undef SEQAUG_V
#undef SEQAUG_VARIANT
