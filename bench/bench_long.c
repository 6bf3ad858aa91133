/* For ever: fast-forward and steady analysis of the cut cavity, theta = 1, q = 1/4, c = 1, vacuum.
 * usage: bench_long forward N        200 records up to 10^12 collisions, energy and purity
 *        bench_long steady N         plateau, limit, chambers and ten leading eigenvalues
 *        bench_long scan N FIRST STEP THETA    the same for theta_i, i = FIRST, FIRST + STEP, ... < 200,
 *                                              from THETA to 3
 * Prints JSON lines: the median over repetitions, and what was found. */
#include "bench.h"

enum { SAMPLES = 5, GRID = 208, RECORDS_MAX = GRID + 2, POINTS = 200 };
static const int64_t LAST = INT64_C(1000000000000);
static const int64_t PROBES[3] = {1000000, 1000000000, 1000000000000};

/* Repeated until it has taken this long, or SAMPLES times. */
static const double PATIENCE = 2;

/* 0 and distinct round(10^(12 i/GRID)): PROBES are among them. Returns how many. */
static size_t fill_records(int64_t at[RECORDS_MAX])
{
    size_t count = 1;
    at[0] = 0;
    for (int i = 0; i <= GRID; i++) {
        int64_t k = llround(pow(10, 12.0 * i / GRID));
        if (k > at[count - 1]) at[count++] = k;
    }
    return count;
}

static double energy_at(const um_result *result, int64_t collision)
{
    for (size_t i = 0; i < result->records; i++)
        if (result->collision[i] == collision) return result->series[UM_ENERGY][i];
    return NAN;
}

typedef struct forward_answer {
    double seconds, energy[3], bound;
    int rank, records;
} forward_answer;

/* `split` collisions are a stage of their own: the second stage starts its own projection from
 * another state. */
static forward_answer forward_once(um_context *ctx, int levels, int64_t split)
{
    um_spec spec;
    um_stage stages[2];
    int64_t at[RECORDS_MAX];
    bench_spec(&spec, &stages[0], levels, LAST, 1.0);
    stages[1] = stages[0];
    if (split > 0) {
        stages[0].collisions = split;
        stages[1].collisions = LAST - split;
        spec.stages_count = 2;
    }
    spec.record.mode = UM_RECORD_LIST;
    spec.record.at = at;
    spec.record.at_count = fill_records(at);
    spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_PURITY);
    spec.accuracy.method = UM_METHOD_FORWARD;
    um_model *model = NULL;
    um_run *run = NULL;
    forward_answer answer;
    BENCH_TRY(ctx, um_model_create(ctx, &spec, &model));
    double start = bench_seconds();
    BENCH_TRY(ctx, um_run_create(ctx, model, &run));
    BENCH_TRY(ctx, um_run_advance(run, -1, NULL, NULL));
    answer.seconds = bench_seconds() - start;
    const um_result *result = um_run_get_result(run);
    const um_forward_summary *forward = &result->stages[result->stages_count - 1].forward;
    for (int i = 0; i < 3; i++) answer.energy[i] = energy_at(result, PROBES[i]);
    answer.bound = forward->bound;
    answer.rank = forward->rank;
    answer.records = (int)result->records;
    um_run_destroy(run);
    um_model_destroy(model);
    return answer;
}

/* Every one of PROBES[0] collisions. */
static double stepped_energy(um_context *ctx, int levels)
{
    um_spec spec;
    um_stage stage;
    um_model *model = NULL;
    um_run *run = NULL;
    bench_spec(&spec, &stage, levels, PROBES[0], 1.0);
    spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY);
    spec.accuracy.method = UM_METHOD_STEP;
    BENCH_TRY(ctx, um_model_create(ctx, &spec, &model));
    BENCH_TRY(ctx, um_run_create(ctx, model, &run));
    BENCH_TRY(ctx, um_run_advance(run, -1, NULL, NULL));
    double energy = energy_at(um_run_get_result(run), PROBES[0]);
    um_run_destroy(run);
    um_model_destroy(model);
    return energy;
}

static void forward(um_context *ctx, int levels)
{
    double samples[SAMPLES], spent = 0;
    forward_answer answer, other = forward_once(ctx, levels, 7000);
    int count = 0;
    do {
        answer = forward_once(ctx, levels, 0);
        samples[count++] = answer.seconds;
        spent += answer.seconds;
    } while (count < SAMPLES && spent < PATIENCE);
    double difference = 0;
    for (int i = 0; i < 3; i++)
        difference = fmax(difference, fabs(answer.energy[i] - other.energy[i]));
    printf("{\"workload\": \"forward\", \"contestant\": \"umaser-forward\", \"N\": %d, "
           "\"records\": %d, \"seconds\": %.9g, \"energies\": [%.17g, %.17g, %.17g], "
           "\"stepped\": %.17g, \"difference\": %.3g, \"bound\": %.3g, \"rank\": %d}\n",
           levels, answer.records, bench_median(samples, count), answer.energy[0], answer.energy[1],
           answer.energy[2], stepped_energy(ctx, levels), difference, answer.bound, answer.rank);
}

static const char *or_null(char *text, double value)
{
    if (isfinite(value))
        sprintf(text, "%.17g", value);
    else
        strcpy(text, "null");
    return text;
}

/* The chamber that the vacuum starts in. */
static void print_steady(const um_steady *steady)
{
    char text[6][32];
    const um_chamber *own = steady->chambers_count ? &steady->chambers[0] : NULL;
    int modes = 0;
    for (size_t i = 0; i < steady->spectrum.count; i++)
        modes += steady->spectrum.modes[i].multiplicity;
    printf("\"energy\": %s, \"purity\": %s, \"limit\": \"%s\", \"limit_energy\": %s, "
           "\"last\": %d, \"leak\": %s, \"chamber_energy\": %s, \"eigenvalues\": %d, "
           "\"early_energy\": %s}\n",
           or_null(text[0], steady->plateau.energy), or_null(text[1], steady->plateau.purity),
           um_limit_status_get_name(steady->limit.status), or_null(text[2], steady->limit.energy),
           own ? own->last : -1, or_null(text[3], own ? own->leak : NAN),
           or_null(text[4], own ? own->energy : NAN), modes,
           or_null(text[5], energy_at(steady->run, 1000)));
}

static double steady_once(um_context *ctx, int levels, double theta, um_steady **steady)
{
    um_spec spec;
    um_stage stage;
    um_model *model = NULL;
    bench_spec(&spec, &stage, levels, 0, theta);
    spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY); /* the plateau and the limit have all of them */
    BENCH_TRY(ctx, um_model_create(ctx, &spec, &model));
    double start = bench_seconds();
    BENCH_TRY(ctx, um_steady_solve(ctx, model, 0, NULL, steady));
    double seconds = bench_seconds() - start;
    um_model_destroy(model);
    return seconds;
}

static void steady(um_context *ctx, int levels)
{
    double samples[SAMPLES], spent = 0;
    int count = 0;
    um_steady *found = NULL;
    do {
        um_steady_destroy(ctx, found);
        samples[count] = steady_once(ctx, levels, 1.0, &found);
        spent += samples[count++];
    } while (count < SAMPLES && spent < PATIENCE);
    printf("{\"workload\": \"steady\", \"contestant\": \"umaser-steady\", \"N\": %d, "
           "\"seconds\": %.9g, ",
           levels, bench_median(samples, count));
    print_steady(found);
    um_steady_destroy(ctx, found);
}

static void scan(um_context *ctx, int levels, int first, int step, double from)
{
    for (int i = first; i < POINTS; i += step) {
        double theta = from + (3 - from) * i / (POINTS - 1);
        um_steady *found = NULL;
        double seconds = steady_once(ctx, levels, theta, &found);
        printf("{\"workload\": \"scan\", \"contestant\": \"umaser-scan\", \"theta\": %.17g, "
               "\"seconds\": %.9g, ",
               theta, seconds);
        print_steady(found);
        um_steady_destroy(ctx, found);
    }
}

int main(int argc, char **argv)
{
    um_context *ctx = NULL;
    int levels = argc > 2 ? atoi(argv[2]) : 0;
    if (levels < 2 || um_context_create(NULL, &ctx) != UM_OK) {
        fprintf(stderr, "usage: bench_long forward|steady N, bench_long scan N FIRST STEP THETA\n");
        return 2;
    }
    if (strcmp(argv[1], "forward") == 0)
        forward(ctx, levels);
    else if (strcmp(argv[1], "steady") == 0)
        steady(ctx, levels);
    else if (argc > 5)
        scan(ctx, levels, atoi(argv[3]), atoi(argv[4]), atof(argv[5]));
    um_context_destroy(ctx);
    return 0;
}
