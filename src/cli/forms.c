/* Every command's form, for what lists them all: manual pages, completion. */
#include "forms.h"

static const td_cli_form *const forms[] = {
    &td_cli_search_form, &td_cli_train_form,   &td_cli_genotype_form,
    &td_cli_eval_form,   &td_cli_predict_form, &td_cli_export_form,
    &td_cli_data_form,   &td_cli_report_form,  &td_cli_watch_form,
    &td_cli_study_form,  &td_cli_bench_form,
};

enum { FORMS = sizeof forms / sizeof *forms };

const td_cli_form *td_cli_form_at(int index)
{
    for (int i = 0; i < FORMS; i++) {
        if (index-- == 0)
            return forms[i];
        for (int k = 0; forms[i]->parts && forms[i]->parts[k]; k++)
            if (index-- == 0)
                return forms[i]->parts[k];
    }
    return NULL;
}

const char td_cli_statuses[] =
    "Exit status: 0 done; 1 failed; 2 usage or configuration; 3 bad or missing data;\n"
    "4 no readable or no fitting checkpoint; 5 a rank hung; 6 replicas differ;\n"
    "85 stopped on request after saving: start again; 128+N ended by signal N.\n";
