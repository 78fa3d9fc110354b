/* mix.c: an image of which a box shows another one, as it is or blended. The lines are in mix_body.h. */
#include "cpu.h"
#include "seqaug.h"
#include "store.h"

#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

enum { SEQAUG_AT_ONCE = 512 }; /* elements, so that what is converted stays near */

/* Elements a step of so many bytes after each other. */
typedef struct {
    char *at;
    int64_t step;
    int dtype;
} line;

#define SEQAUG_VARIANT baseline
#include "mix_body.h"

#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#define SEQAUG_VARIANT avx2
#include "mix_body.h"
SEQAUG_END
#endif

typedef void (*mixer)(const line *, const line *, const line *, int64_t, int64_t, int64_t, float);

static mixer chosen(void)
{
#if SEQAUG_HAVE_AVX2
    if (seqaug_uses_avx2())
        return mix_line_avx2;
#endif
    return mix_line_baseline;
}

static seqaug_status check(const seqaug_image *own, const seqaug_image *partner, const seqaug_image *target,
                           const int64_t box[4])
{
    const seqaug_image *images[3] = {own, partner, target};
    for (int i = 0; i < 3; i++) {
        for (int axis = 0; axis < 3; axis++)
            if (images[i]->shape[axis] < 1 || images[i]->shape[axis] > INT32_MAX ||
                images[i]->shape[axis] != own->shape[axis])
                return SEQAUG_BAD_SHAPE;
        if (images[i]->dtype != SEQAUG_u8 && images[i]->dtype != SEQAUG_f32)
            return SEQAUG_BAD_TYPE;
    }
    for (int axis = 0; axis < 2; axis++)
        if (box[axis] < 0 || box[axis + 2] < 0 || box[axis] > own->shape[axis] ||
            box[axis + 2] > own->shape[axis] - box[axis])
            return SEQAUG_BAD_SHAPE;
    return SEQAUG_OK;
}

/* Whether the elements of a row are neighbours in memory. */
static int is_packed(const seqaug_image *image)
{
    int64_t item = seqaug_item_size[image->dtype];
    return image->stride[2] == item && image->stride[1] == image->shape[2] * item;
}

/* Row y, of all channels together (`step` is an element's size then) or of channel c. */
static line line_of(const seqaug_image *image, int64_t y, int64_t c, int packed)
{
    line result = {(char *)image->data + y * image->stride[0] + (packed ? 0 : c * image->stride[2]),
                   packed ? seqaug_item_size[image->dtype] : image->stride[1], image->dtype};
    return result;
}

seqaug_status seqaug_mix(const seqaug_image *own, const seqaug_image *partner, const seqaug_image *target,
                         const int64_t box[4], double weight)
{
    seqaug_status status = check(own, partner, target, box);
    if (status != SEQAUG_OK)
        return status;
    int packed = is_packed(own) && is_packed(partner) && is_packed(target);
    int64_t together = packed ? own->shape[2] : 1;
    mixer mix = chosen();
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t y = 0; y < own->shape[0]; y++) {
        int beside = y < box[0] || y >= box[0] + box[2];
        int64_t left = beside ? 0 : box[1] * together, right = beside ? 0 : (box[1] + box[3]) * together;
        for (int64_t c = 0; c < (packed ? 1 : own->shape[2]); c++) {
            line from = line_of(own, y, c, packed), other = line_of(partner, y, c, packed);
            line to = line_of(target, y, c, packed);
            mix(&from, &other, &to, own->shape[1] * together, left, right, (float)weight);
        }
    }
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
