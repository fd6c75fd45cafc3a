/** Floor 3: the classes of a data set among those that a run has learned. */
#ifndef TAILDART_DATA_CLASSES_H
#define TAILDART_DATA_CLASSES_H

#include "taildart/data.h"

TD_PUBLIC_BEGIN

/** Classes and where they are from. */
typedef struct {
    const char *path;           /**< borrowed: for messages */
    const td_class_name *names; /**< (count) borrowed       */
    int count;
} td_classes;

/** The classes of a data set by their numbers in a run. */
typedef struct {
    int32_t *map;      /**< (classes of the data set) owned                        */
    bool is_moved;     /**< whether a class has another number in the run          */
    bool by_number;    /**< one side has no names: numbers were taken as they are  */
    int missing;       /**< classes of the run that the data set does not have     */
    int first_missing; /**< the first of them, or -1                               */
} td_class_match;

/** Whether every class has a name, and no other class the same.
 *  Not collective.  \return TD_DATA naming path and class */
td_status td_class_names_check(const td_classes *classes);

/** Whether names are "0", "1", …, as readers give them to formats that have none.
 *  Not collective.  \param [in] names (count) */
bool td_class_names_are_made_up(const td_class_name *names, int count);

/** Find each class of \a data in \a run: by name, and by number where they differ and
 *  one side has made-up names.
 *  Not collective.  \param [in] may_lack  whether classes of the run may be missing
 *  \param [out] match  for td_class_match_clear, also after an error
 *  \return TD_DATA naming the first class that differs, and on which side */
td_status td_classes_match(td_class_match *match, const td_classes *data,
                           const td_classes *run, bool may_lack);

/** Release what a match holds.  Not collective. */
void td_class_match_clear(td_class_match *match);

/** Labels and names of a data set become those of the run.  Not collective. */
void td_dataset_take_classes(td_dataset *dataset, const td_class_match *match,
                             const td_classes *run);

TD_PUBLIC_END

#endif
