/* lines.h: bytes resized without a turn: source rows become lines as wide as the output, each once, and two lines an output
 * row. Internal. */
#ifndef SEQAUG_LINES_H
#define SEQAUG_LINES_H

#include <stdint.h>

enum { SEQAUG_LINE_VALUES = 3072, SEQAUG_LINES_AHEAD = 6 };

struct seqaug_lines {
    int fours;                  /* of values in a line, a whole number of four times */
    int64_t begin, end;         /* what is used of a source row: bytes begin .. end - 1 */
    const float *above, *below; /* of the output row at hand, ... */
    float down;                 /* ... and the share of the lower one */
    int64_t row[2];             /* which source rows these lines are; negative for none: */
    float line[2][SEQAUG_LINE_VALUES]; /* sums with weights of 15 bits, negated */
    /* How four values are taken from 16 bytes, which have those of the next pixels, too: where they are, and their weights,
     * negated, so that 2^15 fits. */
    int64_t at[SEQAUG_LINE_VALUES / 4];
    int8_t place[SEQAUG_LINE_VALUES / 4][16];
    int16_t weight[SEQAUG_LINE_VALUES / 4][8];
};

#endif
