/* keep.h: a picture stored where it is measured, so that what is left to do need not sample it again. Internal. */
#ifndef SEQAUG_KEEP_H
#define SEQAUG_KEEP_H

#include "pass.h"
#include "steps.h"

/* Whether a picture that is measured at step s may be stored as well, to be finished from there: in a target that takes
 * it as it is, where sampling costs more than reading, and no pixel outside is still to become the fill. Nothing may be
 * measured later, since there other chunks would be added up, to a sum that is rounded otherwise. */
static int seqaug_keeps_measured(const seqaug_job *job, int s)
{
    const seqaug_image *target = &job->target;
    for (int later = s + 1; later < job->how->steps; later++) {
        int kind = job->how->kinds[later];
        if (kind == SEQAUG_STRETCH || kind == SEQAUG_EQUALIZE || seqaug_measures(job, later))
            return 0;
    }
    return !job->straight && job->how->fill_step <= s && job->lanes == job->total && target->dtype == SEQAUG_f32 &&
           target->stride[1] == job->lanes * 4 && (job->lanes == 1 || target->stride[2] == 4);
}

/* From here on, the steps before s are done, and the target is the source; `how` is what is left to do. */
static void seqaug_go_on_from_target(seqaug_job *job, int s, seqaug_pass *how)
{
    *how = *job->how;
    for (int i = 0; i < 9; i++)
        how->matrix[i] = i % 4 == 0;
    how->order = how->border = 0;
    how->field = NULL;
    job->how = how;
    job->source = job->target;
    for (int axis = 0; axis < 2; axis++)
        job->extent[axis] = (double)job->target.shape[axis];
    job->together = job->straight = job->moves = 1;
    job->across = job->perspective = job->near = 0;
    job->done = s;
    job->kept = 1;
}

#endif
