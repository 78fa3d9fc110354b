/* flip.h: what others take from flip.c. Internal. */
#ifndef SEQAUG_FLIP_H
#define SEQAUG_FLIP_H

#include <stdint.h>

/* Copies `pixels` pixels of `size` bytes in reverse. */
void seqaug_reverse(char *to, const char *from, int64_t pixels, int64_t size);

#endif
