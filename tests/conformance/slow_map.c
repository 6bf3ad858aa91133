#include "slow_map.h"

#include "check.h"

/* Collisions that are alike, and how often they occur. */
typedef struct node {
    double factor, detuning, weight; /* of the time; beside the atoms' own */
} node;

enum { NODES_MAX = 1024 };

struct slow_map {
    const um_battery *given;
    um_stage stage;
    double frequency;
    oracle_battery battery;
    oracle_environment environment;
    oracle_complex atom[4];
    int nodes;
    node node[NODES_MAX];
    oracle_experiment *experiment; /* one per node, unless an environment acts meanwhile */
};

static double bell(double x) { return exp(-x * x / 2) / sqrt(2 * M_PI); }

/* Integrals over all of a Gaussian by equal steps: exact to 1e-15 for functions as smooth as these. */
static void list_nodes(slow_map *map)
{
    const um_imperfections *scatter = &map->stage.imperfections;
    const double step = 0.6, reach = 8.7;
    bool samples = scatter->theta_law == UM_SPREAD_SAMPLES;
    int count = (int)scatter->theta_samples_count;
    double times = scatter->theta_spread > 0 ? reach : 0, detunings = scatter->detuning_spread > 0 ? reach : 0;
    assert_true(scatter->q_spread == 0 && (samples || scatter->theta_law == UM_SPREAD_GAUSSIAN));
    for (double x = samples ? 0 : -times; samples ? x < count : x <= times; x += samples ? 1 : step)
        for (double y = -detunings; y <= detunings; y += step) {
            node *it = &map->node[map->nodes++];
            assert_true(map->nodes <= NODES_MAX);
            it->factor = samples ? scatter->theta_samples[(int)x] : 1 + scatter->theta_spread * x;
            it->detuning = scatter->detuning_spread * y;
            it->weight = samples ? 1.0 / count : times > 0 ? step * bell(x) : 1;
            if (detunings > 0) it->weight *= step * bell(y);
        }
}

static bool acts(const slow_map *map)
{
    const um_environment *it = &map->stage.environment;
    return it->kappa > 0 || it->dephasing > 0;
}

static bool acts_inside(const slow_map *map)
{
    const um_environment *it = &map->stage.environment;
    return it->during_collision && (acts(map) || it->atom_decay > 0 || it->atom_dephasing > 0);
}

static oracle_battery battery_of(const um_battery *battery, int levels)
{
    switch (battery->kind) {
    case UM_BATTERY_CAVITY: return oracle_cavity(levels);
    case UM_BATTERY_LADDER: return oracle_ladder(levels);
    default: return oracle_custom(levels, battery->energies, battery->lowering);
    }
}

static oracle_interaction interaction_of(const slow_map *map, const node *at)
{
    const um_interaction *it = &map->stage.interaction;
    oracle_interaction of = {map->frequency, map->stage.atoms.detuning + at->detuning, it->g,
                             it->tau * at->factor, it->counter_rotating};
    if (it->tau == 0) { /* at once: any g and tau of this product */
        of.g = it->theta;
        of.tau = at->factor;
    }
    return of;
}

slow_map *slow_map_create(const um_spec *spec, int levels)
{
    slow_map *map = calloc(1, sizeof *map);
    map->stage = spec->stages[0];
    map->frequency = spec->battery.frequency;
    map->battery = battery_of(&spec->battery, levels);
    const um_environment *bath = &map->stage.environment;
    map->environment = (oracle_environment){bath->kappa, bath->n_th, bath->dephasing, bath->atom_decay,
                                            bath->atom_dephasing};
    double blur = map->stage.imperfections.phase_spread;
    const um_atoms *atoms = &map->stage.atoms;
    oracle_atom atom = {atoms->q, atoms->c * exp(-blur * blur / 2), atoms->phase};
    oracle_atom_matrix(&atom, map->atom);
    list_nodes(map);
    map->experiment = calloc((size_t)map->nodes, sizeof *map->experiment);
    for (int i = 0; i < map->nodes && !acts_inside(map); i++) {
        oracle_interaction interaction = interaction_of(map, &map->node[i]);
        map->experiment[i] = oracle_experiment_create(&map->battery, &interaction, &atom);
    }
    return map;
}

void slow_map_destroy(slow_map *map)
{
    for (int i = 0; i < map->nodes && !acts_inside(map); i++) oracle_experiment_free(&map->experiment[i]);
    oracle_battery_free(&map->battery);
    free(map->experiment);
    free(map);
}

/* The oracle's collision with an environment begins at time 0: the frame is turned there and back. */
static void turn(int levels, oracle_real angle, oracle_complex *rho)
{
    for (int i = 0; i < levels; i++)
        for (int j = 0; j < levels; j++) rho[i * levels + j] *= cexpl(1.0iL * (angle * (i - j)));
}

static void collide_open(const slow_map *map, const node *at, oracle_real angle, const oracle_complex *before,
                         oracle_complex *after, oracle_open_outcome *outcome)
{
    int levels = map->battery.levels;
    const oracle_interaction interaction = interaction_of(map, at);
    oracle_complex atom[4];
    memcpy(atom, map->atom, sizeof atom);
    atom[1] *= cexpl(1.0iL * angle);
    atom[2] *= cexpl(-1.0iL * angle);
    memcpy(after, before, sizeof *after * (size_t)(levels * levels));
    turn(levels, -angle, after);
    oracle_open_collide(&map->battery, &interaction, &map->environment, atom, after, after, outcome);
    turn(levels, angle, after);
    outcome->atom[1] *= cexpl(-1.0iL * angle);
}

/* The environment alone for a time, or a random one of that mean; returns the heat. */
static oracle_real wait(const slow_map *map, oracle_real time, bool random, oracle_complex *rho)
{
    if (random) return oracle_wait(&map->battery, map->frequency, &map->environment, 1 / time, rho);
    if (acts(map)) return oracle_relax(&map->battery, map->frequency, &map->environment, time, rho);
    oracle_gap(&map->battery, map->frequency, time, rho);
    return 0;
}

/* What one collision of a node gives, without its gap. */
static void collide(const slow_map *map, int i, oracle_real start, const oracle_complex *before,
                    oracle_complex *after, oracle_open_outcome *outcome)
{
    if (acts_inside(map)) {
        collide_open(map, &map->node[i], map->frequency * start, before, after, outcome);
        return;
    }
    oracle_outcome closed;
    oracle_experiment_collide(&map->experiment[i], start, before, after, &closed);
    *outcome = (oracle_open_outcome){.coupling_start = closed.coupling_start, .coupling_end = closed.coupling_end};
    memcpy(outcome->atom, closed.atom, sizeof closed.atom);
}

void slow_map_apply(const slow_map *map, double time, const oracle_complex *before, oracle_complex *after,
                    um_outcome *outcome)
{
    int levels = map->battery.levels, size = levels * levels;
    const um_stage *stage = &map->stage;
    const um_stream *stream = &stage->stream;
    bool random = stream->arrivals == UM_ARRIVALS_POISSON;
    oracle_real start = stream->frame == UM_FRAME_LAB ? time : 0, present = stream->atom_probability;
    oracle_real excited = 0, coupling_start = 0, coupling_end = 0, heat = 0, brought = 0;
    oracle_complex coherence = 0, *one = oracle_matrix(levels);
    for (int n = 0; n < levels; n++) brought += creall(map->atom[3]) * creall(before[n * levels + n]);
    for (int i = 0; i < size; i++) after[i] = 0;
    for (int i = 0; i < map->nodes; i++) {
        oracle_open_outcome of;
        oracle_real w = map->node[i].weight, tau = stage->interaction.tau * map->node[i].factor;
        collide(map, i, start, before, one, &of);
        oracle_real gap = stream->period - (random ? stage->interaction.tau : tau);
        heat += present * w * (of.heat + wait(map, gap, random, one));
        for (int j = 0; j < size; j++) after[j] += present * w * one[j];
        oracle_real left = creall(of.atom[3]), stray = map->node[i].detuning / map->frequency;
        excited += w * left;
        coherence += w * of.atom[1];
        coupling_start += w * of.coupling_start;
        coupling_end += w * (of.coupling_end + stray * (left - brought)); /* the price is that of atoms without scatter */
    }
    if (present < 1) {
        memcpy(one, before, sizeof *one * (size_t)size);
        oracle_real tau = stage->interaction.tau;
        if (stage->environment.during_collision) heat += (1 - present) * wait(map, tau, false, one);
        else oracle_gap(&map->battery, map->frequency, tau, one);
        heat += (1 - present) * wait(map, stream->period - tau, random, one);
        for (int j = 0; j < size; j++) after[j] += (1 - present) * one[j];
    }
    bool coupled = stage->interaction.tau > 0;
    *outcome = (um_outcome){.excited = present > 0 ? (double)excited : NAN,
                            .change = (double)(present * (excited - brought)),
                            .coherence_re = present > 0 ? (double)creall(coherence) : NAN,
                            .coherence_im = present > 0 ? (double)cimagl(coherence) : NAN,
                            .coupling_start = coupled ? (double)(present * coupling_start) : NAN,
                            .coupling_end = coupled ? (double)(present * coupling_end) : NAN,
                            .heat = (double)heat};
    free(one);
}
