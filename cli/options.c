/* The command line into cli_options. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { OPTION_SET = 256, OPTION_SEED, OPTION_FORMAT, OPTION_WHAT, OPTION_AT, OPTION_STAGE,
       OPTION_EIGENVALUES, OPTION_STATUS, OPTION_RETRY, OPTION_SHARD, OPTION_DESIGN = 512 };

static const struct option known[] = {
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, 'f'},
    {"json", no_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"resume", no_argument, NULL, 'r'},
    {"threads", required_argument, NULL, 't'},
    {"set", required_argument, NULL, OPTION_SET},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"what", required_argument, NULL, OPTION_WHAT},
    {"at", required_argument, NULL, OPTION_AT},
    {"stage", required_argument, NULL, OPTION_STAGE},
    {"eigenvalues", required_argument, NULL, OPTION_EIGENVALUES},
    {"status", no_argument, NULL, OPTION_STATUS},
    {"retry-failed", no_argument, NULL, OPTION_RETRY},
    {"shard", required_argument, NULL, OPTION_SHARD},
    {"energy", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_ENERGY},
    {"ergotropy", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_ERGOTROPY},
    {"q", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_Q},
    {"theta", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_THETA},
    {"half-turns", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_HALF_TURNS},
    {"theta-error", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_THETA_ERROR},
    {"tolerance", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_TOLERANCE},
    {"battery", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_BATTERY},
    {"rows", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_ROWS},
    {"levels", required_argument, NULL, OPTION_DESIGN + CLI_DESIGN_LEVELS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* Which options a command takes, by their codes above. */
typedef struct command {
    const char *name;
    const int *options;
} command;

static const int run_options[] = {'o', 'f', 'j', 'q', 'r', 't', OPTION_SET, OPTION_SEED, 'h', 0};
static const int steady_options[] = {'o', 'f', 'j', 'q', 't', OPTION_SET, OPTION_SEED,
                                     OPTION_STAGE, OPTION_EIGENVALUES, 'h', 0};
static const int design_options[] = {'o', 'f', 'j', 'q',
                                     OPTION_DESIGN + CLI_DESIGN_ENERGY,
                                     OPTION_DESIGN + CLI_DESIGN_ERGOTROPY,
                                     OPTION_DESIGN + CLI_DESIGN_Q,
                                     OPTION_DESIGN + CLI_DESIGN_THETA,
                                     OPTION_DESIGN + CLI_DESIGN_HALF_TURNS,
                                     OPTION_DESIGN + CLI_DESIGN_THETA_ERROR,
                                     OPTION_DESIGN + CLI_DESIGN_TOLERANCE,
                                     OPTION_DESIGN + CLI_DESIGN_BATTERY,
                                     OPTION_DESIGN + CLI_DESIGN_ROWS,
                                     OPTION_DESIGN + CLI_DESIGN_LEVELS, 'h', 0};
static const int sweep_options[] = {'o', 'f', 'j', 'q', 't', OPTION_SET, OPTION_SEED, OPTION_STATUS,
                                    OPTION_RETRY, OPTION_SHARD, 'h', 0};
static const int merge_options[] = {'o', 'f', 'j', 'q', 'h', 0};
static const int check_options[] = {'j', 'q', OPTION_SET, OPTION_SEED, 'h', 0};
static const int plot_options[] = {'o', 'f', 'q', OPTION_FORMAT, OPTION_WHAT, OPTION_AT, 'h', 0};
static const int help_options[] = {'h', 0};
static const command commands[] = {
    {"run", run_options}, {"steady", steady_options}, {"design", design_options},
    {"sweep", sweep_options}, {"merge", merge_options},
    {"check", check_options}, {"plot", plot_options}, {"help", help_options}};

static int refuse(const cli_options *options, const char *format, const char *a, const char *b)
{
    char message[512];
    int length = snprintf(message, sizeof message, format, a, b);
    if (length > 0 && (size_t)length < sizeof message)
        snprintf(message + length, sizeof message - (size_t)length, " (try `umaser help`)");
    return cli_refuse(options, UM_ERROR_CONFIG, NULL, message);
}

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static bool takes(const command *chosen, int code)
{
    for (const int *option = chosen->options; *option; option++)
        if (*option == code) return true;
    return false;
}

static const char *name_of(int code)
{
    for (const struct option *option = known; option->name; option++)
        if (option->val == code) return option->name;
    return "";
}

static bool parse_integer(const char *text, long long low, long long high, long long *value)
{
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= low && *value <= high;
}

/* "3/16": the third of sixteen. */
static bool parse_shard(const char *text, int *shard, int *shards)
{
    char number[16];
    long long one, all;
    const char *slash = strchr(text, '/');
    if (!slash || slash - text >= (ptrdiff_t)sizeof number) return false;
    memcpy(number, text, (size_t)(slash - text));
    number[slash - text] = '\0';
    if (!parse_integer(slash + 1, 1, 1000000, &all) || !parse_integer(number, 1, all, &one)) return false;
    *shard = (int)one - 1;
    *shards = (int)all;
    return true;
}

static int take(int code, const char *value, cli_options *options)
{
    long long number;
    if (code >= OPTION_DESIGN) options->design[code - OPTION_DESIGN] = value;
    switch (code) {
    case 'o': options->output = value; break;
    case 'f': options->force = true; break;
    case 'j': options->json = true; break;
    case 'q': options->quiet = true; break;
    case 'r': options->resume = true; break;
    case OPTION_STATUS: options->status = true; break;
    case OPTION_RETRY: options->retry_failed = true; break;
    case OPTION_SHARD:
        if (!parse_shard(value, &options->shard, &options->shards))
            return refuse(options, "--shard %s: I/N with I from 1 to N is allowed, as in 3/16%s", value, "");
        break;
    case OPTION_FORMAT: options->format = value; break;
    case OPTION_WHAT: options->what = value; break;
    case OPTION_SET: options->overrides[options->overrides_count++] = value; break;
    case 't':
        if (!parse_integer(value, 1, 4096, &number))
            return refuse(options, "--threads %s: a whole number from 1 to 4096 is allowed%s", value, "");
        options->threads = (int)number;
        break;
    case OPTION_SEED:
        if (!parse_integer(value, 0, INT64_MAX, &number))
            return refuse(options, "--seed %s: a whole number from 0 to 2^63-1 is allowed%s", value, "");
        options->seed = (uint64_t)number;
        snprintf(options->seed_override, sizeof options->seed_override, "seed=%lld", number);
        break;
    case OPTION_STAGE:
        if (!parse_integer(value, 0, INT_MAX, &number))
            return refuse(options, "--stage %s: the index of a stage is allowed, from 0%s", value, "");
        options->stage = (int)number;
        break;
    case OPTION_EIGENVALUES:
        if (!parse_integer(value, 1, 1000, &number))
            return refuse(options, "--eigenvalues %s: a whole number from 1 to 1000 is allowed%s",
                          value, "");
        options->eigenvalues = (int)number;
        break;
    case OPTION_AT:
        if (strcmp(value, "all") == 0)
            number = CLI_AT_ALL;
        else if (!parse_integer(value, 0, INT64_MAX, &number))
            return refuse(options, "--at %s: a collision number is allowed, or all%s", value, "");
        options->at = number;
        break;
    }
    return CLI_DONE;
}

static int take_positional(char **words, int count, cli_options *options)
{
    bool is_help = strcmp(options->command, "help") == 0;
    if (count > 0 && strcmp(options->command, "design") == 0)
        return refuse(options, "design: '%s' is not an option; a battery of your own is named by "
                               "--battery FILE.yaml%s", words[0], "");
    if (count > 1) return refuse(options, "%s: one file at a time, '%s' is one too many", options->command, words[1]);
    if (count == 0 && !is_help && strcmp(options->command, "design") != 0)
        return refuse(options, "%s: which file? %s", options->command,
                      strcmp(options->command, "plot") == 0     ? "umaser plot RESULT.nc"
                      : strcmp(options->command, "steady") == 0 ? "umaser steady CONFIG.yaml"
                      : strcmp(options->command, "sweep") == 0  ? "umaser sweep CONFIG.yaml"
                      : strcmp(options->command, "merge") == 0  ? "umaser merge -o RESULT.nc FILE..."
                                                                : "umaser run CONFIG.yaml");
    options->input = count ? words[0] : NULL;
    if (strcmp(options->command, "merge") == 0 && !options->output)
        return refuse(options, "merge: where to? umaser merge -o RESULT.nc FILE...%s%s", "", "");
    return CLI_DONE;
}

/* --seed stands for the key of that name, whatever --set says; it is no other choice of a user. */
static int finish(cli_options *options)
{
    if (options->seed_override[0])
        options->overrides[options->overrides_count++] = options->seed_override;
    return take_positional((char *[]){(char *)options->input}, options->input ? 1 : 0, options);
}

int cli_options_parse(int argc, char **argv, cli_options *options)
{
    *options = (cli_options){.threads = 1, .at = CLI_AT_LAST, .stage = -1, .shards = 1};
    /* Known early, so that a wrong command line is reported in JSON too. */
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0) options->json = true;
    options->overrides = calloc((size_t)argc + 1, sizeof *options->overrides);
    options->inputs = calloc((size_t)argc + 1, sizeof *options->inputs);
    if (!options->overrides || !options->inputs) return CLI_INTERNAL;
    if (argc < 2) return refuse(options, "which command? run, steady, design, sweep, merge, check, plot or help%s%s", "", "");
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) name = "version";
    options->command = name;
    if (strcmp(name, "version") == 0) return CLI_DONE;
    const command *chosen = find_command(name);
    if (!chosen)
        return refuse(options, "no command '%s'; there are run, steady, design, sweep, merge, check, plot and help%s", name, "");
    opterr = 0;
    optind = 2;
    int code;
    while ((code = getopt_long(argc, argv, "+:o:fjqrt:hV", known, NULL)) != -1 || optind < argc) {
        if (code == -1) { /* options may follow the file name */
            char *word = argv[optind];
            bool several = strcmp(name, "merge") == 0;
            if (options->input && !several)
                return take_positional((char *[]){(char *)options->input, word}, 2, options);
            if (!options->input) options->input = word;
            options->inputs[options->inputs_count++] = word;
            optind++;
            continue;
        }
        if (code == '?') return refuse(options, "%s: no option '%s'", name, argv[optind - 1]);
        if (code == ':') return refuse(options, "%s: '%s' needs a value", name, argv[optind - 1]);
        if (code == 'h') {
            options->input = strcmp(name, "help") == 0 ? options->input : name;
            options->command = "help";
            return CLI_DONE;
        }
        if (!takes(chosen, code)) return refuse(options, "%s: --%s does not apply", name, name_of(code));
        int status = take(code, optarg, options);
        if (status != CLI_DONE) return status;
    }
    return finish(options);
}
