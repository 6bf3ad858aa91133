#include "golden_cases.h"

#include <cjson/cJSON.h>

#include "check.h"

static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item)) fail_msg("golden.json: no number %s", key);
    return item->valuedouble;
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("%s: cannot be read", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = calloc((size_t)size + 1, 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
        fail_msg("%s: cannot be read", path);
    fclose(file);
    return text;
}

static double number_or(const cJSON *object, const char *key, double otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

static void read_open(const cJSON *params, golden_case *out)
{
    out->open = true;
    out->theta = number(params, "theta");
    out->g = NAN;
    out->tau = number(params, "collision_time");
    out->omega = 1;
    out->gap = number(params, "gap_time");
    out->kappa = number(params, "kappa");
    out->n_th = number(params, "n_th");
    out->dephasing = number(params, "kappa_phi");
    out->atom_decay = number(params, "atom_gamma");
    out->atom_dephasing = number(params, "atom_gamma_phi");
    out->theta_spread = number(params, "theta_jitter");
    out->atom_probability = number(params, "atom_probability");
    out->rate = number_or(params, "poisson_rate", NAN);
    out->during = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(params, "environment_during_collision"));
}

static void read_closed(const cJSON *params, golden_case *out)
{
    out->theta = NAN;
    out->g = number(params, "g");
    out->tau = number(params, "tau");
    out->detuning = number(params, "Delta");
    out->counter_rotating = number(params, "counter_rotating");
    out->omega = number(params, "omega");
    out->period = number_or(params, "period", NAN);
    out->atom_probability = 1;
    out->rate = NAN;
}

static void read_parameters(const cJSON *params, golden_case *out)
{
    out->levels = (int)number(params, "levels");
    out->q = number(params, "q");
    out->c = number(params, "c");
    out->phi = number(params, "phi");
    if (cJSON_GetObjectItemCaseSensitive(params, "gap_time")) read_open(params, out);
    else read_closed(params, out);
    const char *battery = cJSON_GetObjectItemCaseSensitive(params, "battery")->valuestring;
    out->ladder = strcmp(battery, "ladder") == 0;
    if (!out->ladder && strcmp(battery, "cavity") != 0) fail_msg("golden.json: %s?", battery);
    const char *initial = cJSON_GetObjectItemCaseSensitive(params, "initial")->valuestring;
    if (sscanf(initial, "coherent alpha=%lf", &out->initial_parameter) == 1)
        out->initial = GOLDEN_COHERENT;
    else if (sscanf(initial, "thermal nbar=%lf", &out->initial_parameter) == 1)
        out->initial = GOLDEN_THERMAL;
    else if (strcmp(initial, "vacuum") == 0)
        out->initial = GOLDEN_VACUUM;
    else
        fail_msg("golden.json: initial %s?", initial);
}

static void read_numbers(const cJSON *item, golden_numbers *out)
{
    out->collision = atoi(item->string);
    out->energy = number(item, "energy");
    out->variance = number(item, "variance");
    out->ergotropy = number(item, "ergotropy");
    out->ergotropy_incoherent = number(item, "ergotropy_incoherent");
    out->purity = number(item, "purity");
    out->entropy = number(item, "entropy");
    out->l1_coherence = number(item, "l1_coherence");
    out->mandel_q = number(item, "mandel_q");
    out->top_population = number(item, "top_population");
}

static void read_corner(const cJSON *item, golden_case *out)
{
    const cJSON *corner = cJSON_GetObjectItemCaseSensitive(item, "corner");
    if (!corner) return;
    out->corner_after = (int)number(item, "corner_after");
    for (int n = 0; n < GOLDEN_CORNER; n++)
        for (int m = 0; m < GOLDEN_CORNER; m++) {
            const cJSON *pair = cJSON_GetArrayItem(cJSON_GetArrayItem(corner, n), m);
            out->corner_re[n * GOLDEN_CORNER + m] = cJSON_GetArrayItem(pair, 0)->valuedouble;
            out->corner_im[n * GOLDEN_CORNER + m] = cJSON_GetArrayItem(pair, 1)->valuedouble;
        }
}

static void read_case(const cJSON *item, golden_case *out)
{
    read_parameters(cJSON_GetObjectItemCaseSensitive(item, "params"), out);
    read_corner(item, out);
    out->last = out->corner_after;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(item, "after"))
    {
        if (out->points == GOLDEN_POINTS_MAX) fail_msg("golden.json: too many points");
        read_numbers(entry, &out->after[out->points]);
        if (out->after[out->points].collision > out->last)
            out->last = out->after[out->points].collision;
        out->points++;
    }
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(item, "outgoing_atom"))
    {
        if (out->atoms == GOLDEN_POINTS_MAX) fail_msg("golden.json: too many atoms");
        out->outgoing[out->atoms++] =
            (golden_atom){atoi(entry->string), number(entry, "excited"), number(entry, "ge_re"),
                          number(entry, "ge_im")};
        if (atoi(entry->string) > out->last) out->last = atoi(entry->string);
    }
}

cJSON *golden_parse(void)
{
    const char *root = getenv("UM_SOURCE_DIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/golden/golden.json", root ? root : ".");
    char *text = read_text(path);
    cJSON *json = cJSON_Parse(text);
    if (!json) fail_msg("%s: not JSON", path);
    free(text);
    return json;
}

int golden_read(golden_case *cases, int capacity)
{
    cJSON *json = golden_parse(), *item;
    int count = 0;
    cJSON_ArrayForEach(item, json)
    {
        const char *name = cJSON_GetObjectItemCaseSensitive(item, "name")->valuestring;
        if (strcmp(name, "cascade-2") == 0 || strncmp(name, "spectrum-", 9) == 0) continue;
        if (count == capacity) fail_msg("golden.json: more than %d cases", capacity);
        memset(&cases[count], 0, sizeof cases[count]);
        snprintf(cases[count].name, sizeof cases[count].name, "%s", name);
        read_case(item, &cases[count++]);
    }
    cJSON_Delete(json);
    return count;
}
