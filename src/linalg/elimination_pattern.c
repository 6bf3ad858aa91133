/* The pattern of a matrix, a fill-reducing order of it, and its elimination tree. */
#include "linalg/elimination.h"

#include <amd.h>
#include <string.h>

/* So many elements in a row are those of a channel on a coherence order: orders are dense blocks that
 * couple with the next ones alone, and eliminating one after the other fills in nothing more. */
enum { LONG_ROW = 24 };

/* Rows of the transpose of the square part: column pointers and row indices. */
static void transpose(const umi_sparse *a, int32_t *start, int32_t *row)
{
    int32_t size = (int32_t)a->columns;
    for (int64_t e = 0; e < a->start[size]; e++) start[a->column[e] + 1]++;
    for (int32_t i = 0; i < size; i++) start[i + 1] += start[i];
    for (int32_t i = 0; i < size; i++)
        for (int64_t e = a->start[i]; e < a->start[i + 1]; e++) row[start[a->column[e]]++] = i;
    memmove(start + 1, start, (size_t)size * sizeof *start);
    start[0] = 0;
}

/* Two ascending rows as one, without the diagonal; NULL: only counted. */
static int32_t merge(int32_t diagonal, const int32_t *a, int64_t a_size, const int32_t *b,
                     int64_t b_size, int32_t *to)
{
    int32_t size = 0;
    for (int64_t i = 0, j = 0; i < a_size || j < b_size;) {
        int32_t left = i < a_size ? a[i] : INT32_MAX, right = j < b_size ? b[j] : INT32_MAX;
        int32_t next = left < right ? left : right;
        i += left == next;
        j += right == next;
        if (next == diagonal) continue;
        if (to) to[size] = next;
        size++;
    }
    return size;
}

static int32_t merge_row(const umi_sparse *a, int32_t i, const int32_t *start, const int32_t *row,
                         int32_t *to)
{
    return merge(i, a->column + a->start[i], a->start[i + 1] - a->start[i], row + start[i],
                 start[i + 1] - start[i], to);
}

static um_status merge_all(um_context *ctx, const umi_sparse *a, const int32_t *start,
                           const int32_t *row, umi_pattern *pattern)
{
    int32_t size = pattern->size;
    int64_t total = 0;
    for (int32_t i = 0; i < size; i++) total += merge_row(a, i, start, row, NULL);
    pattern->start = UMI_NEW_ARRAY(ctx, int32_t, (size_t)size + 1);
    pattern->column = UMI_NEW_ARRAY(ctx, int32_t, (size_t)total);
    if (!pattern->start || !pattern->column) return UM_ERROR_MEMORY;
    for (int32_t i = 0; i < size; i++)
        pattern->start[i + 1] =
            pattern->start[i] + merge_row(a, i, start, row, pattern->column + pattern->start[i]);
    return UM_OK;
}

um_status umi_pattern_create(um_context *ctx, const umi_sparse *a, umi_pattern *pattern)
{
    *pattern = (umi_pattern){.size = (int32_t)a->columns};
    int32_t *start = UMI_NEW_ARRAY(ctx, int32_t, a->columns + 1);
    int32_t *row = UMI_NEW_ARRAY(ctx, int32_t, (size_t)a->start[a->columns]);
    um_status status = UM_ERROR_MEMORY;
    if (start && row) {
        transpose(a, start, row);
        status = merge_all(ctx, a, start, row, pattern);
    }
    umi_free(ctx, start);
    umi_free(ctx, row);
    if (status != UM_OK) umi_pattern_free(ctx, pattern);
    return status;
}

void umi_pattern_free(um_context *ctx, umi_pattern *pattern)
{
    umi_free(ctx, pattern->start);
    umi_free(ctx, pattern->column);
    *pattern = (umi_pattern){0};
}

/* amd_2 works in memory of ours, amd_order would take its own. It destroys the pattern it gets. */
static um_status order_amd(um_context *ctx, const umi_pattern *pattern, int32_t *order)
{
    int32_t size = pattern->size, elements = pattern->start[size];
    int32_t room = elements + elements / 5 + size + 1;
    int32_t *work = UMI_NEW_ARRAY(ctx, int32_t, 8 * (size_t)size + (size_t)room);
    if (!work) return UM_ERROR_MEMORY;
    int32_t *part[8];
    for (int i = 0; i < 8; i++) part[i] = work + (size_t)i * (size_t)size;
    int32_t *copy = work + 8 * (size_t)size;
    memcpy(copy, pattern->column, (size_t)elements * sizeof *copy);
    for (int32_t i = 0; i < size; i++) {
        part[0][i] = pattern->start[i];
        part[1][i] = pattern->start[i + 1] - pattern->start[i];
    }
    double control[AMD_CONTROL], info[AMD_INFO];
    amd_defaults(control);
    amd_2(size, part[0], copy, part[1], room, elements, part[2], part[3], order, part[4], part[5],
          part[6], part[7], control, info);
    umi_free(ctx, work);
    return UM_OK;
}

/* Liu: the parent of a column is the first later one that it reaches. */
static void find_parents(const umi_pattern *pattern, const int32_t *order, const int32_t *place,
                         int32_t *ancestor, int32_t *parent)
{
    for (int32_t k = 0; k < pattern->size; k++) {
        parent[k] = ancestor[k] = -1;
        int32_t unknown = order[k];
        for (int32_t e = pattern->start[unknown]; e < pattern->start[unknown + 1]; e++)
            for (int32_t i = place[pattern->column[e]]; i >= 0 && i < k;) {
                int32_t next = ancestor[i];
                ancestor[i] = k;
                if (next < 0) parent[i] = k;
                i = next;
            }
    }
}

/* post[k]: column that comes k-th when every subtree is finished before its root. */
static void find_postorder(int32_t size, const int32_t *parent, int32_t *head, int32_t *next,
                           int32_t *stack, int32_t *post)
{
    for (int32_t k = 0; k < size; k++) head[k] = -1;
    for (int32_t k = size - 1; k >= 0; k--)
        if (parent[k] >= 0) {
            next[k] = head[parent[k]];
            head[parent[k]] = k;
        }
    int32_t done = 0;
    for (int32_t root = 0; root < size; root++) {
        if (parent[root] >= 0) continue;
        int32_t top = 0;
        stack[0] = root;
        while (top >= 0) {
            int32_t k = stack[top], child = head[k];
            if (child < 0) {
                post[done++] = k;
                top--;
            } else {
                head[k] = next[child];
                stack[++top] = child;
            }
        }
    }
}

/* Row by row: an element of row k stands in every column between its leaves and k in the tree. */
static void count_columns(const umi_pattern *pattern, const int32_t *order, const int32_t *place,
                          const int32_t *parent, int32_t *mark, int32_t *count)
{
    for (int32_t k = 0; k < pattern->size; k++) count[k] = 0, mark[k] = -1;
    for (int32_t k = 0; k < pattern->size; k++) {
        mark[k] = k;
        int32_t unknown = order[k];
        for (int32_t e = pattern->start[unknown]; e < pattern->start[unknown + 1]; e++) {
            int32_t i = place[pattern->column[e]];
            for (; i < k && mark[i] != k; i = parent[i]) {
                count[i]++;
                mark[i] = k;
            }
        }
    }
}

/* work: six arrays of `size`. */
static void analyse(const umi_pattern *pattern, int32_t *order, int32_t *parent, int32_t *count,
                    int32_t *work)
{
    size_t size = (size_t)pattern->size;
    int32_t *place = work, *post = work + size, *rank = work + 2 * size, *old = work + 3 * size;
    int32_t *head = work + 4 * size, *next = work + 5 * size;
    for (size_t k = 0; k < size; k++) place[order[k]] = (int32_t)k;
    find_parents(pattern, order, place, head, parent);
    find_postorder(pattern->size, parent, head, next, rank, post);
    memcpy(old, order, size * sizeof *old);
    for (size_t k = 0; k < size; k++) {
        order[k] = old[post[k]];
        place[order[k]] = rank[post[k]] = (int32_t)k;
    }
    memcpy(old, parent, size * sizeof *old);
    for (size_t k = 0; k < size; k++) parent[k] = old[post[k]] < 0 ? -1 : rank[old[post[k]]];
    count_columns(pattern, order, place, parent, head, count);
}

um_status umi_pattern_order(um_context *ctx, const umi_pattern *pattern, int32_t *order,
                            int32_t *parent, int32_t *count)
{
    if (pattern->size == 0) return UM_OK;
    if (pattern->start[pattern->size] > (int64_t)LONG_ROW * pattern->size)
        for (int32_t i = 0; i < pattern->size; i++) order[i] = i;
    else
        UMI_TRY(order_amd(ctx, pattern, order));
    int32_t *work = UMI_NEW_ARRAY(ctx, int32_t, 6 * (size_t)pattern->size);
    if (!work) return UM_ERROR_MEMORY;
    analyse(pattern, order, parent, count, work);
    umi_free(ctx, work);
    return UM_OK;
}
