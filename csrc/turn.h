/* turn.h: pixels of columns moved into rows, whatever their type. Internal. */
#ifndef SEQAUG_TURN_H
#define SEQAUG_TURN_H

#include <stdint.h>

/* So many rows at once: the pixels of a column that are neighbours in memory go to as many rows. */
enum { SEQAUG_TURNED = 8 };

/* Fills `rows` packed rows of `columns` pixels of `size` bytes, `to_row` bytes after each other: pixel (r, c) is the one
 * at from + r*along_row + c*along_column. `spare`: of each of these pixels a byte more may be read. */
void seqaug_turn(const char *from, int64_t along_row, int64_t along_column, int rows, int64_t columns, int64_t size,
                 int spare, char *to, int64_t to_row);

#endif
