/* Progressively balanced (Kang et al. 2020, section 4): a class is drawn by its images
 * in the first epoch, as all others at the end, and by a mixture of both between. */
#include "samplers.h"

double td_sampler_progressive(double n, const td_sampler_view *view)
{
    return (1.0 - view->passed) * n / view->n_all + view->passed / view->classes;
}
