/* The kernels of order tables, compiled once per instruction set (UMI_KERNEL_PATH, UMI_KERNEL_LANES).
 * Every coefficient is used once: what counts is that they stream, and that no sum waits for the last
 * one. A block keeps CHAINS independent sums of PARTS vectors each. */
#include "map/kernels/table.h"

#include "linalg/kernels/lanes.h"

enum { WIDTH = UMI_TABLE_LANES, LANES = UMI_KERNEL_LANES, PARTS = WIDTH / LANES, CHAINS = 4 / PARTS };

static void real(const umi_table_term term[3], double *sum)
{
    lanes all[CHAINS][PARTS] = {{{0}}};
    for (int t = 0; t < 3; t++) {
        const double *c = term[t].coefficient, *in = term[t].in[0];
        int s = 0, count = term[t].count;
        for (; s + CHAINS <= count; s += CHAINS, c += CHAINS * WIDTH, in += CHAINS)
            for (int j = 0; j < CHAINS; j++)
                for (int i = 0; i < PARTS; i++)
                    all[j][i] += load(c + j * WIDTH + i * LANES) * load(in + j + i * LANES);
        for (; s < count; s++, c += WIDTH, in++)
            for (int i = 0; i < PARTS; i++) all[0][i] += load(c + i * LANES) * load(in + i * LANES);
    }
    for (int j = 1; j < CHAINS; j++)
        for (int i = 0; i < PARTS; i++) all[0][i] += all[j][i];
    for (int i = 0; i < PARTS; i++) store(sum + i * LANES, all[0][i]);
}

static void pair(const umi_table_term term[3], double *sum)
{
    lanes re[PARTS] = {{0}}, im[PARTS] = {{0}};
    for (int t = 0; t < 3; t++) {
        const double *c = term[t].coefficient, *x = term[t].in[0], *y = term[t].in[1];
        for (int s = 0; s < term[t].count; s++, c += WIDTH, x++, y++)
            for (int i = 0; i < PARTS; i++) {
                const lanes factor = load(c + i * LANES);
                re[i] += factor * load(x + i * LANES);
                im[i] += factor * load(y + i * LANES);
            }
    }
    for (int i = 0; i < PARTS; i++) {
        store(sum + i * LANES, re[i]);
        store(sum + WIDTH + i * LANES, im[i]);
    }
}

static void complex(const umi_table_term term[3], double *sum)
{
    lanes re[PARTS] = {{0}}, im[PARTS] = {{0}};
    for (int t = 0; t < 3; t++) {
        const double *c = term[t].coefficient, *x = term[t].in[0], *y = term[t].in[1];
        for (int s = 0; s < term[t].count; s++, c += 2 * WIDTH, x++, y++)
            for (int i = 0; i < PARTS; i++) {
                const lanes a = load(c + i * LANES), b = load(c + WIDTH + i * LANES);
                const lanes u = load(x + i * LANES), v = load(y + i * LANES);
                re[i] += a * u - b * v;
                im[i] += a * v + b * u;
            }
    }
    for (int i = 0; i < PARTS; i++) {
        store(sum + i * LANES, re[i]);
        store(sum + WIDTH + i * LANES, im[i]);
    }
}

extern const umi_table_kernels UMI_NAME(umi_table_kernels, UMI_KERNEL_PATH);
const umi_table_kernels UMI_NAME(umi_table_kernels, UMI_KERNEL_PATH) = {
    .name = UMI_PATH_TEXT(UMI_KERNEL_PATH), .real = real, .pair = pair, .complex = complex};
