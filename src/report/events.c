/* A run as TensorBoard reads it.  The file is a list of records, each with its length
 * and two checksums (TensorFlow, "TFRecord"), and each holds an Event of event.proto.
 * Scalars are simple values of a Summary, which readers of every version know; those
 * that are not known, and infinities, are left out, as TensorBoard draws a gap then. */
#include "panels.h"
#include "taildart/report_forms.h"

#include <math.h>

#include "taildart/base_bytes.h"

/* ---- what is told ---------------------------------------------------------------- */

/* Tags: what stands before the slash is a group of charts. */
static const struct {
    const char *tag;
    size_t column;
} scalars[] = {
    { "loss/train", TD_COLUMN(train_loss) },
    { "loss/validation", TD_COLUMN(valid_loss) },
    { "accuracy/train", TD_COLUMN(train_top1) },
    { "accuracy/validation", TD_COLUMN(valid_top1) },
    { "accuracy/validation_balanced", TD_COLUMN(valid_balanced_top1) },
    { "accuracy_by_images/many", TD_COLUMN(group_top1[TD_GROUP_MANY]) },
    { "accuracy_by_images/medium", TD_COLUMN(group_top1[TD_GROUP_MEDIUM]) },
    { "accuracy_by_images/few", TD_COLUMN(group_top1[TD_GROUP_FEW]) },
    { "calibration/error", TD_COLUMN(valid_ece) },
    { "learning_rate/weights", TD_COLUMN(lr_weights) },
    { "learning_rate/architecture", TD_COLUMN(lr_arch) },
    { "mixing_ratio/mixing_ratio", TD_COLUMN(mixing) },
    { "architecture/entropy_normal", TD_COLUMN(alpha_entropy_normal) },
    { "architecture/entropy_reduce", TD_COLUMN(alpha_entropy_reduce) },
    { "architecture/change", TD_COLUMN(alpha_change) },
    { "architecture/penalty", TD_COLUMN(arch_penalty) },
    { "architecture/hessian_eigenvalue", TD_COLUMN(hessian_eigenvalue) },
    { "architecture/skips_normal", TD_COLUMN(skip_count_normal) },
    { "time/seconds", TD_COLUMN(seconds) },
    { "time/images_per_second", TD_COLUMN(images_per_second) },
};

enum { SCALARS = sizeof scalars / sizeof *scalars };

/* ---- records --------------------------------------------------------------------- */

/* CRC-32C (Castagnoli), lowest bit first. */
static uint32_t checksum(const char *bytes, size_t count)
{
    const uint32_t polynomial = 0x82f63b78;
    uint32_t crc = ~UINT32_C(0);
    for (size_t i = 0; i < count; i++) {
        crc ^= (unsigned char) bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
    }
    return ~crc;
}

/* Checksums are turned and moved, so that one of bytes that hold one is none itself. */
static uint32_t masked(const char *bytes, size_t count)
{
    uint32_t crc = checksum(bytes, count);
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

/* Append an event as a record; it is freed. */
static void put_record(td_text *file, td_text *event)
{
    td_text length = { 0 };
    td_bytes_put(&length, event->length, 8);
    td_text_write_bytes(file, length.chars, length.length);
    td_bytes_put(file, masked(length.chars, length.length), 4);
    td_text_write_bytes(file, event->chars, event->length);
    td_bytes_put(file, masked(event->chars, event->length), 4);
    td_free(length.chars);
    td_free(event->chars);
}

/* ---- events ---------------------------------------------------------------------- */

/* Numbers of fields in Event, Summary and Summary.Value. */
enum { WALL_TIME = 1, STEP = 2, FILE_VERSION = 3, SUMMARY = 5 };
enum { VALUE = 1, TAG = 1, SIMPLE_VALUE = 2 };

static void put_version(td_text *file, double time)
{
    td_text event = { 0 };
    td_message_double(&event, WALL_TIME, time);
    td_message_word(&event, FILE_VERSION, "brain.Event:2");
    put_record(file, &event);
}

static void put_scalar(td_text *summary, const char *tag, double number)
{
    td_text value = { 0 };
    td_message_word(&value, TAG, tag);
    td_message_float(&value, SIMPLE_VALUE, (float) number);
    td_message_put(summary, VALUE, &value);
}

static void put_row(td_text *file, const td_metrics *row, double time)
{
    td_text event = { 0 }, summary = { 0 };
    td_message_double(&event, WALL_TIME, time);
    td_message_integer(&event, STEP, (uint64_t) row->epoch + 1);
    for (int i = 0; i < SCALARS; i++) {
        double number = td_column_value(row, scalars[i].column);
        if (isfinite((float) number))
            put_scalar(&summary, scalars[i].tag, number);
    }
    if (summary.length > 0)
        td_message_put(&event, SUMMARY, &summary);
    put_record(file, &event);
}

static double seconds_of(const td_metrics *row)
{
    return isfinite(row->seconds) && row->seconds > 0 ? row->seconds : 0.0;
}

td_text td_report_events(const td_report_run *run, double ended)
{
    td_text file = { 0 };
    double time = ended;
    for (int i = 0; i < run->row_count; i++)
        time -= seconds_of(&run->rows[i]);
    time = fmax(time, 0); /* nobody knows when it ended: it began at 0 */
    put_version(&file, time);
    for (int i = 0; i < run->row_count; i++) {
        time += seconds_of(&run->rows[i]);
        put_row(&file, &run->rows[i], time);
    }
    return file;
}
