/* blur_body.h: sums of neighbouring lines, weighted alike on both sides. Part of a variant (see cpu.h). */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)

/* to[i] = weight[0]*middle[i] + weight[1]*(before_1[i] + after_1[i]) + ..., from left to right; two pairs at a time, so
 * that the sum is stored half as often. */
static void SEQAUG_V(add_lines)(const seqaug_lines *lines, int64_t middle, int64_t first, int64_t count, float *restrict to)
{
    const float *weight = lines->weight, *restrict line = line_at(lines, middle) + first;
    for (int64_t i = 0; i < count; i++)
        to[i] = weight[0] * line[i];
    int64_t d = 1;
    for (; d + 1 <= lines->reach; d += 2) {
        const float *restrict a = line_at(lines, middle - d) + first, *restrict b = line_at(lines, middle + d) + first;
        const float *restrict e = line_at(lines, middle - d - 1) + first;
        const float *restrict f = line_at(lines, middle + d + 1) + first;
        float near = weight[d], far = weight[d + 1];
        for (int64_t i = 0; i < count; i++)
            to[i] = (to[i] + near * (a[i] + b[i])) + far * (e[i] + f[i]);
    }
    for (; d <= lines->reach; d++) {
        const float *restrict a = line_at(lines, middle - d) + first, *restrict b = line_at(lines, middle + d) + first;
        float near = weight[d];
        for (int64_t i = 0; i < count; i++)
            to[i] += near * (a[i] + b[i]);
    }
}

static void SEQAUG_V(clip)(const float range[2], int64_t count, float *to)
{
    float low = range[0], high = range[1];
    for (int64_t i = 0; i < count; i++) {
        float v = to[i] < low ? low : to[i];
        to[i] = v > high ? high : v;
    }
}

/* Row after row: first its neighbours above and below, into a line with zeros at both ends, then those aside. */
static void SEQAUG_V(blur)(const seqaug_lines *down, const seqaug_lines *across, float *line, int64_t count,
                           const float range[2], float *to)
{
    for (int64_t row = 0; row < down->count; row++, to += count) {
        for (int64_t first = 0; first < count; first += SEQAUG_PART) {
            int64_t part = count - first < SEQAUG_PART ? count - first : SEQAUG_PART;
            SEQAUG_V(add_lines)(down, row, first, part, line + first);
        }
        for (int64_t first = 0; first < count; first += SEQAUG_PART) {
            int64_t part = count - first < SEQAUG_PART ? count - first : SEQAUG_PART;
            SEQAUG_V(add_lines)(across, across->reach, first, part, to + first);
            SEQAUG_V(clip)(range, part, to + first);
        }
    }
}

#undef SEQAUG_V
#undef SEQAUG_VARIANT
