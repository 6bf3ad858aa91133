/* A configuration inside the library: a tree, a schema that names every key, and the settings
 * that the tree's values end in. */
#ifndef UMI_CONFIG_H
#define UMI_CONFIG_H

#include "io/yaml.h"
#include "umaser/io.h"

enum { UMI_CONFIG_PATH = 4096 };

/* What values are written to. A stage starts from the top-level settings and changes its own. */
typedef struct umi_settings {
    um_spec spec;
    um_stage stage;
    size_t energies_count, lowering_count;
    const umi_yaml_node *stages;
    const umi_yaml_node *axes, *points; /* of a sweep */
    int sweep_mode, sweep_analysis;
    int units; /* read by umi_config_read_units */
    um_sweep_plan plan;
} umi_settings;

struct um_config {
    um_context *ctx;
    umi_arena arena;
    char *name;   /* what messages call the file */
    char *folder; /* of the file, "" if none: relative paths start there */
    umi_yaml_node *root;
    umi_settings settings;
    bool has_interaction; /* the top level gives one of theta, g, tau */
    bool si;              /* units: si */
    double omega_si;      /* si: of the battery, in rad/s */
    double frequency;     /* of the battery, in the model's units */
    um_sweep_plan plan;   /* axes_count 0: no section sweep */
    int sweep_line;       /* where its axes are written */
};

typedef enum umi_key_type {
    UMI_KEY_SECTION, /* a mapping of further keys */
    UMI_KEY_TEXT,
    UMI_KEY_NUMBER,  /* a number or an expression -> double */
    UMI_KEY_INTEGER, /* -> int within min..max */
    UMI_KEY_CHOICE,  /* one of the words in `choices` -> int, its place there */
    UMI_KEY_SPECIAL  /* has its own reader */
} umi_key_type;

/* What a number measures: under units: si it has a unit of that kind. */
typedef enum umi_dimension {
    UMI_PLAIN,
    UMI_TIME,
    UMI_RATE,
    UMI_FREQUENCY,
    UMI_TEMPERATURE
} umi_dimension;

typedef struct umi_key umi_key;
typedef um_status (*umi_key_reader)(um_config *config, const umi_key *key,
                                    const umi_yaml_node *node, umi_settings *settings);

/* One row of the schema. A key that is a plain number, word or text is this row and nothing else.
 */
struct umi_key {
    const char *path; /* "atoms.q"; "stages[].charge" for a key of a stage */
    umi_key_type type;
    size_t offset;         /* of the field in umi_settings */
    umi_key_reader reader; /* UMI_KEY_SPECIAL */
    umi_dimension dimension; /* UMI_KEY_NUMBER, UMI_KEY_SPECIAL */
    const char *choices;   /* UMI_KEY_CHOICE: "cavity|ladder|custom" */
    int min, max;          /* UMI_KEY_INTEGER */
    const char *allowed;   /* for a person */
    const char *standard;  /* the default, as one would write it; NULL: none */
    const char *help;
    bool in_stage; /* a section that a stage may have of its own */
};

extern const umi_key umi_keys[];
extern const size_t umi_keys_count;
const umi_key *umi_key_find(const char *path);
bool umi_key_is(const umi_key *key, const char *last); /* the last part of its path */

/* Every key of a section: found in the schema, or refused with the nearest known one. */
um_status umi_section_read(um_config *config, const umi_yaml_node *node, const char *prefix,
                           umi_settings *settings);
um_status umi_key_read(um_config *config, const umi_key *key, const umi_yaml_node *node,
                       umi_settings *settings);

/* The name nearest to a misspelt one; -1 if none is near. */
int umi_nearest(const char *word, const char *const *names, size_t count);

/* Typed values. */
um_status umi_read_number(um_config *config, const umi_yaml_node *node, double *value);
um_status umi_read_integer(um_config *config, const umi_yaml_node *node, int64_t min, int64_t max,
                           const char *allowed, int64_t *value);
um_status umi_read_word(um_config *config, const umi_yaml_node *node, const char *choices,
                        int *place);
um_status umi_read_complex(um_config *config, const umi_yaml_node *node, double *re, double *im);
um_status umi_read_numbers(um_config *config, const umi_yaml_node *node, const double **values,
                           size_t *count);
um_status umi_read_collisions(um_config *config, const umi_yaml_node *node, const int64_t **list,
                              size_t *count);
bool umi_is_word(const umi_yaml_node *node, const char *word);

/* Readers of keys with a form of their own. */
um_status umi_read_levels(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_initial(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_energies(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_lowering(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_atom_state(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_theta(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_period(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_stages(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_charge(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_store(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_drive(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_until(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_condition(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_kappa(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_n_th(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_during(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_theta_samples(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_seed(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_frequency(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_omega_si(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_record_at(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_observables(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_states(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_fidelity(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_wigner_at(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_wigner_grid(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_axes(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_points(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_summaries(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);
um_status umi_read_series(um_config *, const umi_key *, const umi_yaml_node *, umi_settings *);

/* Once every key is read: what keys say together. */
um_status umi_config_check_battery(um_config *config);
um_status umi_config_check_record(um_config *config);
um_status umi_config_read_stages(um_config *config);
um_status umi_config_check_trio(um_config *config, const umi_yaml_node *interaction);
um_status umi_config_check_kind(um_config *config, const umi_yaml_node *stage);
um_status umi_config_check_samples(um_config *config, const umi_yaml_node *imperfections,
                                   const um_stage *stage);
bool umi_has_trio(const umi_yaml_node *interaction);

/* --set section.key=value: a change of the tree. */
um_status umi_config_override(um_config *config, const char *text);
/* The same from elsewhere: `length` characters of a key, the text of a value, its line. */
um_status umi_config_assign(um_config *config, const char *key, size_t length, const char *text,
                            int line);

/* Names of observables, from a list. */
um_status umi_read_quantities(um_config *config, const umi_yaml_node *node, const char *allowed,
                              uint64_t *set);

/* The section `sweep`: its plan, whose first point is put in where the tree has no such key. */
um_status umi_config_read_sweep(um_config *config);
/* Settings from the tree as it is. */
um_status umi_config_read_settings(um_config *config);

/* A file that the configuration names, from its own folder on; false: the path is too long. */
bool umi_config_find_file(const um_config *config, const char *name, char path[UMI_CONFIG_PATH]);

/* A density matrix from a result file, if that is what initial is; it points into `loaded`. */
typedef struct umi_loaded {
    um_result *result; /* the caller ends it */
    char path[UMI_CONFIG_PATH];
} umi_loaded;
um_status umi_config_load_state(um_context *ctx, const um_config *config, const char *key,
                                um_initial *initial, umi_loaded *loaded);

/* The node an error of um_model_create is about: its key path there to where it was written. */
const umi_yaml_node *umi_config_locate(const um_config *config, const char *key);

#define UMI_CONFIG_FAIL(config, node, ...) \
    umi_yaml_fail((config)->ctx, UM_ERROR_CONFIG, (config)->name, node, __VA_ARGS__)

#endif
