/* look_avx512.h: bytes looked up 64 at once. Internal, for AVX-512.
 *
 * One permutation looks bytes up in a table of 128 by the lower seven bits; where the top bit is set, the second half of
 * the table is taken. Of channels with tables of their own, each takes those bytes that are its.
 */
typedef struct {
    __m512i part[4];
} look_table;

static inline look_table look_table_of(const uint8_t *plain)
{
    look_table table;
    for (int k = 0; k < 4; k++)
        table.part[k] = _mm512_loadu_si512(plain + 64 * k);
    return table;
}

static inline __m512i look_in(const look_table *table, __m512i v)
{
    __m512i low = _mm512_permutex2var_epi8(table->part[0], v, table->part[1]);
    __m512i high = _mm512_permutex2var_epi8(table->part[2], v, table->part[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), low, high);
}

/* Vectors of bytes of `lanes` channels with a table each, which begin a pixel again after so many `vectors` (constants). */
static inline __attribute__((always_inline)) void look_each(const seqaug_tables *tables, int lanes, int vectors,
                                                             const uint8_t *from, int64_t count, uint8_t *to)
{
    look_table table[4];
    __mmask64 own[3][4] = {{0}};
    for (int c = 0; c < lanes; c++)
        table[c] = look_table_of(tables->plain[c]);
    for (int i = 0; i < 64 * vectors; i++)
        own[i / 64][i % lanes] |= (__mmask64)1 << i % 64;
    for (int64_t at = 0; at < count; at += 64 * vectors)
        for (int k = 0; k < vectors; k++) {
            int64_t left = count - at - 64 * k;
            __mmask64 some = left >= 64 ? ~(__mmask64)0 : left > 0 ? ((__mmask64)1 << left) - 1 : 0;
            __m512i v = _mm512_maskz_loadu_epi8(some, from + at + 64 * k), found = look_in(&table[0], v);
            for (int c = 1; c < lanes; c++)
                found = _mm512_mask_mov_epi8(found, own[k][c], look_in(&table[c], v));
            _mm512_mask_storeu_epi8(to + at + 64 * k, some, found);
        }
}

static void look_alike_64(const uint8_t *plain, const uint8_t *from, int64_t count, uint8_t *to)
{
    look_table table = look_table_of(plain);
    int64_t i = 0;
    for (; i + 64 <= count; i += 64)
        _mm512_storeu_si512(to + i, look_in(&table, _mm512_loadu_si512(from + i)));
    if (i < count) {
        __mmask64 some = ((__mmask64)1 << (count - i)) - 1;
        _mm512_mask_storeu_epi8(to + i, some, look_in(&table, _mm512_maskz_loadu_epi8(some, from + i)));
    }
}

/* Looks up as many bytes as go here, and returns how many. Two shuffles of halves (look_avx2.h) are faster still. */
static int64_t look_avx512(const seqaug_tables *tables, int lanes, const uint8_t *from, int64_t count, uint8_t *to)
{
    int64_t done = tables->by_halves ? look_halves(tables->plain[0], from, count, to) : 0;
    if (tables->alike)
        look_alike_64(tables->plain[0], from + done, count - done, to + done);
    else if (lanes == 3)
        look_each(tables, 3, 3, from, count, to);
    else if (lanes == 2)
        look_each(tables, 2, 1, from, count, to);
    else if (lanes == 4)
        look_each(tables, 4, 1, from, count, to);
    else
        return 0;
    return count;
}
