/* clahe.c: contrast limited adaptive histogram equalization. */
#include "cpu.h"
#include "seqaug.h"

#include <math.h>
#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

enum { SEQAUG_AT_ONCE = 256, SEQAUG_BYTES = 256 };

/* The tiles of a picture, of which only those are kept that a pixel is near to. A tile has a table per channel. */
typedef struct {
    int64_t channels, height, width; /* of the picture */
    int64_t size[2], count[2];       /* of a tile, in pixels; of tiles */
    float *tables;
    int32_t *left, *right; /* of each column, the tiles at either side; */
    float *aside;          /* of each value in a row, the share of the right one */
    uint32_t *counts;      /* of a tile's bytes */
    uint8_t *bytes;        /* the picture */
} seqaug_tiles;

#define SEQAUG_VARIANT baseline
#include "clahe_body.h"
#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#define SEQAUG_VARIANT avx2
#include "clahe_body.h"
SEQAUG_END
#endif

typedef struct {
    void (*find_bytes)(const float *, int64_t, const float *, uint8_t *);
    void (*blend_tables)(const seqaug_tiles *, const float *, const float *, float, const uint8_t *, const float *, float *);
} variant;

static const variant variants[SEQAUG_CPUS] = {
    [SEQAUG_CPU_BASELINE] = {find_bytes_baseline, blend_tables_baseline},
#if SEQAUG_HAVE_AVX2
    [SEQAUG_CPU_AVX2] = {find_bytes_avx2, blend_tables_avx2},
#endif
};

/* Lays the tiles out in `space`, if there is any yet, and returns how many floats that takes. */
static int64_t lay_out(const int64_t shape[3], const int64_t grid[2], float *space, seqaug_tiles *tiles)
{
    int64_t columns = shape[1], values = columns * shape[2], table = shape[2] * SEQAUG_BYTES;
    tiles->height = shape[0];
    tiles->width = shape[1];
    tiles->channels = shape[2];
    for (int axis = 0; axis < 2; axis++) {
        int64_t size = (shape[axis] - 1) / grid[axis] + 1, near = (shape[axis] - 1) / size + 2;
        tiles->size[axis] = size;
        tiles->count[axis] = near < grid[axis] ? near : grid[axis];
    }
    int64_t tables = tiles->count[0] * tiles->count[1] * table;
    if (space) {
        tiles->tables = space;
        tiles->left = (int32_t *)(space + tables);
        tiles->right = tiles->left + columns;
        tiles->aside = space + tables + 2 * columns;
        tiles->counts = (uint32_t *)(tiles->aside + values);
        tiles->bytes = (uint8_t *)(tiles->counts + table);
    }
    return tables + 2 * columns + values + table + (shape[0] * values + 3) / 4;
}

/* A row or column beyond the picture, mirrored as often as it takes. */
static int64_t mirrored(int64_t at, int64_t n)
{
    at %= 2 * n;
    return at < n ? at : 2 * n - 1 - at;
}

/* Counts a tile's bytes, channel by channel. */
static void count_bytes(const seqaug_tiles *tiles, int64_t tile_y, int64_t tile_x)
{
    int64_t channels = tiles->channels, first = tile_x * tiles->size[1], last = first + tiles->size[1];
    memset(tiles->counts, 0, (size_t)(channels * SEQAUG_BYTES) * sizeof *tiles->counts);
    for (int64_t row = tile_y * tiles->size[0]; row < (tile_y + 1) * tiles->size[0]; row++) {
        const uint8_t *line = tiles->bytes + mirrored(row, tiles->height) * tiles->width * channels;
        for (int64_t x = first; x < last; x++) {
            const uint8_t *pixel = line + (x < tiles->width ? x : mirrored(x, tiles->width)) * channels;
            for (int64_t k = 0; k < channels; k++)
                tiles->counts[k * SEQAUG_BYTES + pixel[k]]++;
        }
    }
}

/* From the counts of one channel to its table. */
static void make_table(const uint32_t *counts, double area, double limit, float *table)
{
    double most = limit > 0.0 ? limit * area / 256.0 : area, sums[SEQAUG_BYTES], sum = 0.0;
    uint32_t whole = most < 4294967295.0 ? (uint32_t)most : UINT32_MAX, above = 0, over = 0; /* whole numbers, at once */
    for (int i = 0; i < SEQAUG_BYTES; i++) {
        above += counts[i] > whole ? counts[i] : 0;
        over += counts[i] > whole;
    }
    double each = over > 0 ? ((double)above - most * (double)over) / 256.0 : 0.0;
    for (int i = 0; i < SEQAUG_BYTES; i++) {
        sum += (counts[i] > whole ? most : (double)counts[i]) + each;
        sums[i] = sum;
    }
    double scale = 255.0 / (area > sums[0] ? area - sums[0] : 1.0);
    for (int i = 0; i < SEQAUG_BYTES; i++) {
        float v = (float)((sums[i] - sums[0]) * scale);
        table[i] = v < 0.0f ? 0.0f : v > 255.0f ? 255.0f : v;
    }
}

/* The tiles before and after a row or column, by their centres, and the share of the second one. */
static float between_tiles(const seqaug_tiles *tiles, int axis, int64_t at, int64_t pair[2])
{
    float size = (float)tiles->size[axis], c = ((float)at - size / 2.0f) / size + 1.0f;
    int64_t before = (int64_t)c, last = tiles->count[axis] - 1;
    pair[0] = before < 1 ? 0 : before - 1;
    pair[1] = before;
    for (int side = 0; side < 2; side++)
        pair[side] = pair[side] > last ? last : pair[side];
    return c - (float)before;
}

int64_t seqaug_clahe_space(const int64_t shape[3], const int64_t grid[2])
{
    seqaug_tiles tiles;
    return lay_out(shape, grid, NULL, &tiles);
}

seqaug_status seqaug_clahe(const float *from, const int64_t shape[3], const int64_t grid[2], double limit,
                           const float range[2], float *space, float *to)
{
    for (int axis = 0; axis < 3; axis++)
        if (shape[axis] < 1 || shape[axis] > INT32_MAX)
            return SEQAUG_BAD_SHAPE;
    if (grid[0] < 1 || grid[1] < 1 || !(limit >= 0.0) || !(range[1] > range[0]) || !(range[1] - range[0] < INFINITY))
        return SEQAUG_BAD_NUMBER;
    seqaug_floats floats = seqaug_enter_floats();
    const variant *cpu = &variants[seqaug_uses_avx2() ? SEQAUG_CPU_AVX2 : SEQAUG_CPU_BASELINE];
    seqaug_tiles tiles;
    lay_out(shape, grid, space, &tiles);
    int64_t channels = shape[2], values = shape[1] * channels, table = channels * SEQAUG_BYTES, pair[2];
    cpu->find_bytes(from, shape[0] * values, range, tiles.bytes);
    for (int64_t tile = 0; tile < tiles.count[0] * tiles.count[1]; tile++) {
        count_bytes(&tiles, tile / tiles.count[1], tile % tiles.count[1]);
        for (int64_t k = 0; k < channels; k++)
            make_table(tiles.counts + k * SEQAUG_BYTES, (double)tiles.size[0] * (double)tiles.size[1], limit,
                       tiles.tables + tile * table + k * SEQAUG_BYTES);
    }
    for (int64_t x = 0; x < shape[1]; x++) {
        float share = between_tiles(&tiles, 1, x, pair);
        tiles.left[x] = (int32_t)pair[0];
        tiles.right[x] = (int32_t)pair[1];
        for (int64_t k = 0; k < channels; k++)
            tiles.aside[x * channels + k] = share;
    }
    for (int64_t y = 0; y < shape[0]; y++) {
        float share = between_tiles(&tiles, 0, y, pair);
        const float *above = tiles.tables + pair[0] * tiles.count[1] * table;
        const float *below = tiles.tables + pair[1] * tiles.count[1] * table;
        cpu->blend_tables(&tiles, above, below, share, tiles.bytes + y * values, range, to + y * values);
    }
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
