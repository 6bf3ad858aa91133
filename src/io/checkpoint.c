/* Checkpoints: an archive of named arrays in one binary file of our own.
 *
 * Not netCDF: a checkpoint is written every half minute and read once, by this program, on this
 * kind of machine. A flat file with a checksum over every byte finds any damage, needs no copy of
 * the arrays, and no library that could fail half-way. All in units of 8 bytes:
 *     magic, format and byte order, digest, number of entries, version, build, kernels,
 *     for each entry: name (6 units), is_integer, count, count values,
 *     checksum of all before. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "io/build.h"
#include "io/file.h"
#include "umaser/io.h"
#include "umaser/sweep.h"

enum { FORMAT = 2, NAME_BYTES = 48, WORD_BYTES = 24 };

static const char magic[8] = {'u', 'm', 'a', 's', 'e', 'r', 'C', 'P'};

/* Reads differently on a machine of the other byte order, which the same format refuses. */
static const uint64_t format_word = UINT64_C(0x0102030400000000) + FORMAT;

typedef struct entry_header {
    char name[NAME_BYTES];
    uint64_t is_integer, count;
} entry_header;

typedef struct file_header {
    char magic[8];
    uint64_t format, digest, count;
    char version[WORD_BYTES], build[WORD_BYTES], kernel[WORD_BYTES];
} file_header;

_Static_assert(sizeof(((um_archive_entry *)0)->name) == NAME_BYTES, "names fill their field");
_Static_assert(sizeof(entry_header) == NAME_BYTES + 16 && sizeof(file_header) == 32 + 3 * WORD_BYTES, "no padding");

/* FNV-1a by words, its upper half folded back. Each step is a bijection of the sum so far, so no
 * damage within one word goes unnoticed. */
static uint64_t checksum_add(uint64_t sum, const void *data, size_t bytes)
{
    const char *at = data;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word;
        memcpy(&word, at + i, 8);
        sum = (sum ^ word) * UINT64_C(0x100000001b3);
        sum ^= sum >> 32;
    }
    return sum;
}

static const uint64_t checksum_start = UINT64_C(0xcbf29ce484222325);

static const void *entry_data(const um_archive_entry *entry)
{
    return entry->is_integer ? (const void *)entry->integer : (const void *)entry->real;
}

static void write_summed(umi_file *file, uint64_t *sum, const void *data, size_t bytes)
{
    if (bytes > 0) *sum = checksum_add(*sum, data, bytes);
    umi_file_write(file, data, bytes);
}

um_status um_checkpoint_write(um_context *ctx, const um_archive *archive, uint64_t digest,
                              const char *path)
{
    umi_file file;
    UMI_TRY(umi_file_begin(ctx, path, true, &file));
    uint64_t sum = checksum_start;
    file_header header = {.format = format_word, .digest = digest, .count = archive->count};
    memcpy(header.magic, magic, sizeof magic);
    snprintf(header.version, WORD_BYTES, "%s", UM_VERSION);
    snprintf(header.build, WORD_BYTES, "%s", umi_build_name);
    snprintf(header.kernel, WORD_BYTES, "%s", um_sweep_get_kernel());
    write_summed(&file, &sum, &header, sizeof header);
    for (size_t i = 0; i < archive->count && !file.error; i++) {
        const um_archive_entry *entry = &archive->entries[i];
        entry_header head = {.is_integer = entry->is_integer, .count = entry->count};
        memcpy(head.name, entry->name, strnlen(entry->name, NAME_BYTES - 1));
        write_summed(&file, &sum, &head, sizeof head);
        write_summed(&file, &sum, entry_data(entry), entry->count * 8);
    }
    umi_file_write(&file, &sum, sizeof sum);
    return umi_file_commit(&file);
}

typedef struct reader {
    um_context *ctx;
    const char *path;
    FILE *stream;
    uint64_t left; /* bytes */
    uint64_t sum;
} reader;

static um_status fail_damaged(const reader *r)
{
    return umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                              "the checkpoint is damaged: remove it and run from the start "
                              "without --resume");
}

static um_status read_raw(reader *r, void *data, uint64_t bytes)
{
    if (bytes > r->left) return fail_damaged(r);
    errno = 0;
    if (fread(data, 1, bytes, r->stream) != bytes)
        return errno ? umi_file_fail(r->ctx, r->path, "cannot be read", errno) : fail_damaged(r);
    r->left -= bytes;
    return UM_OK;
}

static um_status read_summed(reader *r, void *data, uint64_t bytes)
{
    UMI_TRY(read_raw(r, data, bytes));
    r->sum = checksum_add(r->sum, data, bytes);
    return UM_OK;
}

/* The magic and the format first: what follows them is that of this format alone. */
static um_status read_header(reader *r, file_header *header)
{
    const size_t first = offsetof(file_header, version);
    *header = (file_header){0};
    if (r->left >= first) UMI_TRY(read_summed(r, header, first));
    if (memcmp(header->magic, magic, sizeof magic) != 0)
        return umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                                  "is not a complete checkpoint of umaser");
    if (header->format != format_word)
        return umi_file_fail_text(r->ctx, UM_ERROR_IO, r->path,
                                  "the checkpoint has layout version %u, this umaser %s reads "
                                  "version %d: go on with the version that wrote it",
                                  (unsigned)header->format, UM_VERSION, FORMAT);
    return read_summed(r, header->version, sizeof *header - first);
}

/* A run that goes on has the bits of one that was never stopped. */
static um_status check_origin(const reader *r, const file_header *header, uint64_t digest)
{
    if (header->digest != digest)
        return umi_file_fail_text(r->ctx, UM_ERROR_CONFIG, r->path,
                                  "the checkpoint is of another model: go on with the "
                                  "configuration it was made with, or run from the start without "
                                  "--resume");
    if (strcmp(header->build, umi_build_name) != 0)
        return umi_file_fail_text(r->ctx, UM_ERROR_CONFIG, r->path,
                                  "the checkpoint was written by another build of umaser (%s, %s), and this is %s, %s: "
                                  "the last digits could differ. Go on with that build, or run from the start without "
                                  "--resume",
                                  header->version, header->build, UM_VERSION, umi_build_name);
    if (strcmp(header->kernel, um_sweep_get_kernel()) != 0)
        return umi_file_fail_text(r->ctx, UM_ERROR_CONFIG, r->path,
                                  "the checkpoint was computed with the kernels %s, and this would be %s: the last "
                                  "digits would differ. Set UMASER_KERNEL=%s, or run from the start without --resume",
                                  header->kernel, um_sweep_get_kernel(), header->kernel);
    return UM_OK;
}

/* A count is believed only as far as there are bytes for it. */
static um_status read_entry(reader *r, um_archive_entry *entry)
{
    entry_header head;
    UMI_TRY(read_summed(r, &head, sizeof head));
    if (head.count > r->left / 8 || head.is_integer > 1 || head.name[NAME_BYTES - 1])
        return fail_damaged(r);
    memcpy(entry->name, head.name, NAME_BYTES);
    entry->is_integer = head.is_integer;
    entry->count = head.count;
    void *data = umi_alloc(r->ctx, entry->count, 8);
    if (!data) return UM_ERROR_MEMORY;
    if (entry->is_integer)
        entry->integer = data;
    else
        entry->real = data;
    return read_summed(r, data, head.count * 8);
}

static um_status read_archive(reader *r, uint64_t digest, um_archive *archive)
{
    file_header header;
    UMI_TRY(read_header(r, &header));
    if (header.count > r->left / sizeof(entry_header)) return fail_damaged(r);
    archive->entries = UMI_NEW_ARRAY(r->ctx, um_archive_entry, header.count);
    if (!archive->entries) return UM_ERROR_MEMORY;
    archive->capacity = header.count;
    while (archive->count < header.count) {
        /* Counted first: a half-read entry is freed with the rest. */
        um_archive_entry *entry = &archive->entries[archive->count++];
        UMI_TRY(read_entry(r, entry));
    }
    uint64_t sum = 0;
    UMI_TRY(read_raw(r, &sum, sizeof sum));
    if (sum != r->sum || r->left != 0) return fail_damaged(r);
    return check_origin(r, &header, digest);
}

um_status um_checkpoint_read(um_context *ctx, const char *path, uint64_t digest,
                             um_archive *archive)
{
    struct stat there;
    reader r = {.ctx = ctx, .path = path, .sum = checksum_start, .stream = fopen(path, "rb")};
    if (!r.stream) return umi_file_fail(ctx, path, "the checkpoint cannot be read", errno);
    um_status status = UM_OK;
    if (fstat(fileno(r.stream), &there) != 0 || !S_ISREG(there.st_mode))
        status = umi_file_fail_text(ctx, UM_ERROR_IO, path, "is not a regular file");
    r.left = status == UM_OK ? (uint64_t)there.st_size : 0;
    if (status == UM_OK) status = read_archive(&r, digest, archive);
    fclose(r.stream);
    if (status != UM_OK) um_archive_clear(ctx, archive);
    return status;
}
