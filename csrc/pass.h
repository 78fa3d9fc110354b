/* pass.h: what the parts of the fast pass share. Internal.
 *
 * An output row goes in chunks of columns: where each pixel is taken from (places_body.h), the samples as floats
 * (sample_body.h, sample_avx2.h, sample_neon.h), colour (colour_body.h), the store (pass_body.h). The parts meet in two
 * small buffers, so that kinds of places, element types, steps of colour and targets add up instead of multiplying.
 */
#ifndef SEQAUG_PASS_H
#define SEQAUG_PASS_H

#include "seqaug.h"
#include "store.h"

#include <string.h>

/* to[i] = from[i]*scale[i] + offset[i] for eight floats: a loop of eight is not always found to be one instruction. */
#if defined(__GNUC__)
typedef float seqaug_eight __attribute__((vector_size(32), aligned(4), may_alias));
#define SEQAUG_SCALE_EIGHT(to, from, scale, offset)                                                                \
    (*(seqaug_eight *)(to) = *(const seqaug_eight *)(from) * *(const seqaug_eight *)(scale) +                      \
                             *(const seqaug_eight *)(offset))
#define SEQAUG_ADD_EIGHT(to, from) (*(seqaug_eight *)(to) += *(const seqaug_eight *)(from))
#else
#define SEQAUG_ADD_EIGHT(to, from)                                                                                 \
    do {                                                                                                           \
        for (int eighth = 0; eighth < 8; eighth++)                                                                 \
            (to)[eighth] += (from)[eighth];                                                                        \
    } while (0)
#define SEQAUG_SCALE_EIGHT(to, from, scale, offset)                                                                \
    do {                                                                                                           \
        for (int eighth = 0; eighth < 8; eighth++)                                                                 \
            (to)[eighth] = (from)[eighth] * (scale)[eighth] + (offset)[eighth];                                    \
    } while (0)
#endif

/* A chunk is so many columns of at most so many channels; images of more channels go in groups. */
enum { SEQAUG_COLUMNS = 128, SEQAUG_GROUP = 16, SEQAUG_PATTERN = 8 * SEQAUG_GROUP };

/* How the places of a chunk are told: one by one, or in fixed point by the coordinates (y, x) of its first pixel, to
 * which the job's ramps add the columns; and then all lie inside with their next ones, or those that do not are moved
 * to the nearest that does. */
typedef enum { SEQAUG_TOLD, SEQAUG_INSIDE, SEQAUG_CLAMPED } seqaug_telling;

/* Where the pixels of a chunk are taken from. Order 1: pixel y, x and the next along both axes, which exist, with the
 * fractions by which the coordinate is past the first, in 32 bits; a fraction of all ones counts as 1. Order 0: pixel
 * y, x. Order 3: pixels y - 1 .. y + 2, which need not exist. */
typedef struct {
    int32_t y[SEQAUG_COLUMNS], x[SEQAUG_COLUMNS];
    uint32_t y_fraction[SEQAUG_COLUMNS], x_fraction[SEQAUG_COLUMNS];
    unsigned char outside[SEQAUG_COLUMNS]; /* shows the fill; set only if any_outside */
    int any_outside;
    seqaug_telling telling;
    int64_t start[2];
    int at_end; /* some pixel may be the last of a row that ends where the image's memory does */
} seqaug_places;

/* A step of colour, ready to be applied: patterns of 8 values per channel, repeated as the channels repeat. */
typedef struct {
    int kind, idle, clips;
    float scale[SEQAUG_PATTERN], offset[SEQAUG_PATTERN], low[SEQAUG_PATTERN], high[SEQAUG_PATTERN];
    /* Of curves: the width of the range, 0 where a channel is left as it is, and how many units of 0 .. 255 belong to
     * a part of it (see steps.h). */
    float extent[SEQAUG_PATTERN], times[SEQAUG_PATTERN];
    float mix[3][3];
    int gray; /* of MIX: all three come out alike */
    /* Of three channels: what each is multiplied with (or its mix's three weights), what is added (the fourth), and the
     * lowest and the highest value; eight times each. */
    float three[3][6][8];
    uint32_t key[2]; /* of NOISE */
    int bins;        /* of EQUALIZE, per channel, ... */
    int64_t *table;  /* ... and for each how many values are in it, then the level that they become */
} seqaug_step;

/* What is measured of the picture as it comes to a step, channel by channel; histograms are in the step's table. */
typedef struct {
    const seqaug_step *step;
    double sum[SEQAUG_GROUP];
    float low[SEQAUG_GROUP], high[SEQAUG_GROUP];
} seqaug_measured;

/* A source of bytes that are only moved: how often each occurs, and what all of them have become by the steps so far. */
typedef struct {
    uint32_t count[SEQAUG_GROUP][256];
    float ramp[256 * SEQAUG_GROUP];
} seqaug_bytes;

/* Output rows that were source columns, made several at a time. */
enum { SEQAUG_TILE = 32768 };
typedef struct {
    int64_t row; /* the first of them, or -1 */
    char bytes[SEQAUG_TILE];
} seqaug_tile;

/* One image (or group of its channels) on its way through the pass. */
typedef struct {
    seqaug_image source, target; /* an axis of the source that has one pixel only is given two, which are one */
    const seqaug_pass *how;
    double extent[2];  /* the source's true height and width */
    int32_t last[2];   /* its last row and column, as lengthened */
    int64_t total;     /* channels in `colour` and `fill`; these here begin at `first` */
    int64_t first;
    int lanes;         /* channels here */
    int together;      /* the channels of a source pixel are neighbours in memory, ... */
    int packed;        /* ... and so are pixels of a row */
    int narrow;        /* every byte offset in the source fits 32 bits */
    int fixed;         /* coordinates fit fixed point */
    int perspective;   /* or a field of displacements: coordinates do not go along straight lines */
    int near;          /* this variant has samplers of neighbouring pixels of this type, lanes and layout */
    int careful;       /* ... and for places told by ramps these read nothing behind the source's last pixel */
    int straight;      /* output pixels are source pixels in their order, forwards or backwards, ... */
    int moves;         /* ... and packed */
    int across;        /* ... or so, but with rows for columns, and some of them fit a tile */
    seqaug_tile *tile; /* of those */
    struct seqaug_lines *lines; /* of which the output row at hand is made, or NULL (lines.h) */
    int32_t ramp_pixel[2][SEQAUG_COLUMNS]; /* in fixed point, what 0 .. 127 columns add to a coordinate: pixels, ... */
    uint32_t ramp_fraction[2][SEQAUG_COLUMNS]; /* ... and their fractions; */
    int64_t ramp[2][SEQAUG_COLUMNS]; /* both, of eight columns each in the order 0 1 4 5 2 3 6 7 (note_avx2.h) */
    seqaug_step step[SEQAUG_MOST_STEPS];
    int done;                        /* the first step that is still to be done */
    int keeps;                       /* what is measured is stored, too, ... */
    int kept;                        /* ... and so the source is the target */
    int split;                       /* the first step that tells pixels outside apart: NOISE; else their number */
    float fill[SEQAUG_GROUP];        /* what a pixel outside has become by then */
    const seqaug_step *closing;      /* the last step, if it may be taken while storing */
    int direct;                      /* ... or while sampling, being the only one or none */
    int in_place;                    /* the target takes chunks as they are, and may hold them before they are done */
    const seqaug_step *opening;      /* the first step, if it may be taken while sampling; `open` is its scale then */
    /* What samplers of neighbours multiply with and add, for 8 pixels of at most 4 values, to give samples (bytes come as
     * 2^15 times themselves), or the direct result. */
    float unit[32], none[32], scale[32], offset[32], open[32];
} seqaug_job;

/* Coordinates in fixed point: 32 binary places. */
#define SEQAUG_ONE ((int64_t)1 << 32)

static inline int64_t seqaug_fixed(double coordinate)
{
    return (int64_t)(coordinate * 4294967296.0);
}

/* How near to the middle between two pixels a coordinate in fixed point is left to double: in units. */
#define SEQAUG_TIE 4096u

/* The weight of the second pixel, from 0 to 2^15, and from 0 to 1. */
static inline int32_t seqaug_weight(uint32_t fraction)
{
    return (int32_t)(((fraction >> 16) + 1) >> 1);
}

static inline float seqaug_share(uint32_t fraction)
{
    return (float)(int32_t)(fraction >> 1) * 0x1p-31f; /* rounded: all ones are 1 */
}

/* A column behind another; of the widest targets, those behind the last are no numbers, and not used. */
static inline int32_t seqaug_behind(int32_t column, int i)
{
    return (int32_t)((uint32_t)column + (uint32_t)i);
}

/* A number of columns up to a whole number of eight. */
#define SEQAUG_EIGHTS(count) (((count) + 7) & ~7)

#endif
