/* turn.c: moves columns of pixels into rows, a few rows at a time, so that both sides are read and written along memory. */
#include "turn.h"

#include <string.h>

/* The first `columns` pixels of each row, `moved` bytes each; those beyond `size` are overwritten by the next pixel. */
#define SEQAUG_TURN(moved, size)                                                                                   \
    do {                                                                                                           \
        for (int64_t c = 0; c < columns; c++, from += along_column, to += (size))                                  \
            for (int r = 0; r < rows; r++)                                                                         \
                memcpy(to + r * to_row, from + r * along_row, moved);                                              \
    } while (0)

/* A constant number of rows and size become plain moves. */
#define SEQAUG_TURN_CASE(bytes)                                                                                    \
    case bytes:                                                                                                    \
        SEQAUG_TURN(bytes, bytes);                                                                                 \
        return

static inline void turn_sized(const char *from, int64_t along_row, int64_t along_column, int rows, int64_t columns,
                              int64_t size, char *to, int64_t to_row)
{
    switch (size) {
        SEQAUG_TURN_CASE(1);
        SEQAUG_TURN_CASE(2);
        SEQAUG_TURN_CASE(3);
        SEQAUG_TURN_CASE(4);
        SEQAUG_TURN_CASE(6);
        SEQAUG_TURN_CASE(8);
        SEQAUG_TURN_CASE(12);
        SEQAUG_TURN_CASE(16);
    }
    SEQAUG_TURN((size_t)size, size);
}

static void turn_threes(const char *from, int64_t along_row, int64_t along_column, int64_t columns, char *to,
                        int64_t to_row)
{
    const int rows = SEQAUG_TURNED;
    SEQAUG_TURN(4, 3);
}

void seqaug_turn(const char *from, int64_t along_row, int64_t along_column, int rows, int64_t columns, int64_t size,
                 int spare, char *to, int64_t to_row)
{
    int64_t done = 0;
    if (rows == SEQAUG_TURNED && size == 3 && spare) { /* four bytes at a time, but for the last */
        done = columns - 1;
        turn_threes(from, along_row, along_column, done, to, to_row);
    }
    from += done * along_column;
    to += done * size;
    if (rows == SEQAUG_TURNED)
        turn_sized(from, along_row, along_column, SEQAUG_TURNED, columns - done, size, to, to_row);
    else
        turn_sized(from, along_row, along_column, rows, columns - done, size, to, to_row);
}
