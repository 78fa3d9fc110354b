/* lines.h: bytes resized without a turn: source rows become lines as wide as the output, each once, and two lines an output
 * row. Internal. */
#ifndef SEQAUG_LINES_H
#define SEQAUG_LINES_H

#include <stdint.h>

enum { SEQAUG_LINE_VALUES = 3072, SEQAUG_LINES_AHEAD = 6 };

struct seqaug_lines {
    int values;                 /* of a line, up to a whole register */
    int64_t begin, end;         /* what is used of a source row: bytes begin .. end - 1 */
    const float *above, *below; /* of the output row at hand, ... */
    float down;                 /* ... and the share of the lower one; */
    int straight;               /* or there are no lines, since few of them would be used twice, ... */
    const char *from[2];        /* ... but the source rows */
    int64_t row[2];             /* which source rows these lines are; negative for none: */
    _Alignas(64) float line[2][SEQAUG_LINE_VALUES]; /* sums with weights of 15 bits, negated */
    /* How values are taken, four from 16 bytes or sixteen from 64, which have those of the next pixels, too: where these
     * are, the places of each two among them, in bytes 0 and 2 of a word (255 in the others, for none), and their weights
     * in halves of a word, negated, so that 2^15 fits. */
    int64_t at[SEQAUG_LINE_VALUES / 4];
    _Alignas(64) uint32_t place[SEQAUG_LINE_VALUES];
    _Alignas(64) uint32_t weight[SEQAUG_LINE_VALUES];
};

#endif
