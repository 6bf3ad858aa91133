/* umaser help: the overview, the commands, the observables, the configuration. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { RUN = 1, CHECK = 2, PLOT = 4, STEADY = 8, DESIGN = 16, SWEEP = 32, MERGE = 64, ALL = 127,
       WIDTH = 80 };

static const struct {
    int commands;
    char letter;
    const char *name, *value, *text;
} options[] = {
    {RUN, 'o', "output", "FILE",
     "where the result goes: CONFIG.nc if not said; a name that ends in .csv: the series as text"},
    {STEADY, 'o', "output", "FILE",
     "where everything found goes, besides the summary: netCDF-4 for umaser plot, or a name that "
     "ends in .csv: a table; no file if not said"},
    {DESIGN, 'o', "output", "FILE",
     "where the table goes, besides the screen: a name that ends in .csv, for umaser plot; no file "
     "if not said"},
    {SWEEP | MERGE, 'o', "output", "FILE",
     "where the result goes: CONFIG.nc if not said; a name that ends in .csv: a line per point. Its "
     "journal is FILE.journal"},
    {PLOT, 'o', "output", "FILE",
     "the figure: RESULT.svg, RESULT-WHAT.svg or RESULT-WHAT-COLLISION.svg if not said; its "
     "suffix chooses the format"},
    {RUN | STEADY | DESIGN | SWEEP | MERGE | PLOT, 'f', "force", NULL, "replace a file that exists already"},
    {RUN | STEADY | SWEEP | CHECK, '\0', "set", "KEY=VALUE",
     "set a key of the configuration, as in --set battery.levels=64; may be repeated"},
    {RUN, 'r', "resume", NULL, "go on from the last checkpoint of this run"},
    {RUN | STEADY | DESIGN | SWEEP | MERGE | CHECK, 'j', "json", NULL,
     "print a JSON object on standard output and nothing else there"},
    {RUN | STEADY | SWEEP, 't', "threads", "N",
     "threads, 1 if not said: they share the points of a sweep, or the larger collisions of a run"},
    {RUN | STEADY | SWEEP | CHECK, '\0', "seed", "N", "seed of everything random, in place of the key seed"},
    {SWEEP, '\0', "status", NULL,
     "say how far the sweep with that output is, also while it runs: umaser sweep --status FILE.nc"},
    {SWEEP, '\0', "retry-failed", NULL, "compute the points again that have failed"},
    {SWEEP, '\0', "shard", "I/N", "the I-th of N shares alone, for umaser merge"},
    {STEADY, '\0', "stage", "N", "the stage whose collisions are repeated, from 0; the first if not said"},
    {STEADY, '\0', "eigenvalues", "N",
     "how many leading eigenvalues are listed, counted as often as they occur; 10 if not said"},
    {DESIGN, '\0', "energy", "E",
     "the energy wanted, in omega; without it and --ergotropy every trap in range is listed, at both "
     "ends of --q"},
    {DESIGN, '\0', "ergotropy", "W", "the ergotropy wanted, in omega"},
    {DESIGN, '\0', "q", "LOW:HIGH",
     "ground-state populations of the atom that are possible, or one of them; 0.02:0.98 if not said"},
    {DESIGN, '\0', "theta", "LOW:HIGH",
     "angles that are possible, as in --theta pi/sqrt(20):1.5; 0.1:3 if not said"},
    {DESIGN, '\0', "half-turns", "N",
     "traps of up to so many half turns (odd numbers only), 1 if not said; those of 3 and more are "
     "exact but slow"},
    {DESIGN, '\0', "theta-error", "X",
     "relative error of theta for which the leak is given, 1e-3 if not said"},
    {DESIGN, '\0', "tolerance", "X",
     "how far, relatively, an end of --q may miss what is wanted, 0.01 if not said"},
    {DESIGN, '\0', "battery", "FILE.yaml",
     "a configuration whose battery (custom, equally spaced) is used; cavity if not said"},
    {DESIGN, '\0', "rows", "N", "at most so many designs, 20 if not said"},
    {DESIGN, '\0', "levels", "N",
     "chambers of more levels are listed with their closed form alone, which costs nothing; 128 if "
     "not said"},
    {PLOT, '\0', "format", "FORMAT",
     "svg, pdf, png, or text: drawn in the terminal, without gnuplot"},
    {PLOT, '\0', "what", "WHAT", "series (if not said), populations, wigner, husimi, spectrum, or designs "
     "(if not said and the file ends in .csv); of a sweep: one of its numbers"},
    {PLOT, '\0', "at", "COLLISION",
     "the collision whose populations, Wigner or Husimi function is drawn; the last if not said; "
     "all: every Wigner or Husimi function that was kept, as the numbered frames of a film"},
    {ALL, 'q', "quiet", NULL, "no progress and no summary"},
    {ALL, 'h', "help", NULL, "this page"},
};

static const struct {
    const char *name, *usage, *text;
    int bit;
} commands[] = {
    {"run", "umaser run CONFIG.yaml [OPTION]...",
     "Simulates the protocol that CONFIG.yaml describes. Prints a summary and writes the result "
     "to a netCDF-4 file, CONFIG.nc. An existing file is not replaced without --force. Ctrl-C "
     "stops cleanly and keeps what was computed (a second one stops at once); a long run saves a checkpoint every 30 seconds "
     "and goes on from it with --resume.",
     RUN},
    {"steady", "umaser steady CONFIG.yaml [OPTION]...",
     "Says what the collisions of one stage do for ever, from the initial state: the plateau with "
     "its lifetime, the limit (reached, escapes or undecided), the chambers between traps with "
     "their own states and leaks, and the leading eigenvalues with their relaxation times. Looks as "
     "far as accuracy.horizon collisions.",
     STEADY},
    {"design", "umaser design [OPTION]...",
     "Lists the angles at which coherent atoms (c = 1, resonant) trap the battery in a pure state, "
     "and the atoms' q that gives the wanted energy or ergotropy there: with relaxation and charging "
     "time, the leak if theta is missed, and what errors of q and c do. The plateau is known in "
     "closed form (docs/examples/design.md). Without any design in range the table is empty, and "
     "the exit code 0.",
     DESIGN},
    {"sweep", "umaser sweep CONFIG.yaml [OPTION]...",
     "Runs, or analyses, every point of the grid that the section sweep describes. Finished points go "
     "into a journal beside the output: whatever stops the sweep, the same command goes on. Points "
     "that fail are listed, and the others computed all the same; the exit code is then 3. With "
     "mpirun every process takes its part (docs/sweeps.md).",
     SWEEP},
    {"merge", "umaser merge -o RESULT.nc FILE... [OPTION]...",
     "Puts the shards of a sweep together: journals, or outputs beside which they stand.", MERGE},
    {"check", "umaser check CONFIG.yaml [OPTION]...",
     "Checks CONFIG.yaml and prints what it means: every key with its value (itself a valid "
     "configuration), and the energy and ergotropy that each atom brings. Computes nothing.",
     CHECK},
    {"plot", "umaser plot RESULT.nc [OPTION]...",
     "Draws a result: energy, ergotropy and purity against collisions with the plateau marked "
     "(protocols: against time, with the stages shaded), "
     "or the populations, or the Wigner or Husimi function of a recorded state, the spectrum that "
     "umaser steady found, or the table of umaser design (RESULT.csv). Gnuplot draws "
     "SVG, PDF and PNG (apt-get install gnuplot-nox); --format text needs nothing.",
     PLOT},
    {"help", "umaser help [COMMAND | observables | summaries | config]",
     "Explains a command, lists what can be recorded or kept of a sweep, or shows every key of a "
     "configuration.", 0},
};

static const struct {
    int code;
    const char *text;
} exit_codes[] = {
    {CLI_DONE, "done"},
    {CLI_INTERNAL, "an internal error, or out of memory"},
    {CLI_CONFIG, "the configuration or the command line is wrong"},
    {CLI_ACCURACY, "the accuracy asked for was not reached"},
    {CLI_IO, "a file could not be read or written"},
    {CLI_MISSING, "another program is missing (gnuplot)"},
    {CLI_SIGINT, "interrupted (Ctrl-C)"},
    {CLI_SIGTERM, "terminated"},
};

enum {
    COMMANDS = sizeof commands / sizeof *commands,
    OPTIONS = sizeof options / sizeof *options,
    CODES = sizeof exit_codes / sizeof *exit_codes
};

/* `head` at the margin, then `text` in lines from column `indent`. */
static void print_wrapped(const char *head, int indent, const char *text)
{
    int column = printf("%s", head);
    if (column > indent - 2 && indent > 0) column = printf("\n") - 1;
    column += printf("%*s", indent - column, "");
    bool first = true;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (!first && column + 1 + length > WIDTH) {
            column = printf("\n%*s", indent, "") - 1;
            first = true;
        }
        column += printf("%s%.*s", first ? "" : " ", length, text);
        first = false;
        text += length;
        text += strspn(text, " ");
    }
    printf("\n");
}

static void print_options(int bit)
{
    printf("\nOptions:\n");
    for (int i = 0; i < OPTIONS; i++) {
        char head[64], letter[8] = "    ";
        if (!(options[i].commands & bit)) continue;
        if (options[i].letter) snprintf(letter, sizeof letter, "-%c, ", options[i].letter);
        snprintf(head, sizeof head, "  %s--%s%s%s", letter, options[i].name,
                 options[i].value ? " " : "", options[i].value ? options[i].value : "");
        print_wrapped(head, 27, options[i].text);
    }
}

static int print_overview(void)
{
    printf("umaser %s: micromaser quantum batteries, charged collision by collision\n\n"
           "Usage: umaser COMMAND [ARGUMENT] [OPTION]...\n\nCommands:\n"
           "  run CONFIG.yaml          simulate a protocol: summary and result file\n"
           "  steady CONFIG.yaml       plateau, limit, chambers and spectrum of a stage\n"
           "  design                   atoms and angles that give a wanted plateau\n"
           "  sweep CONFIG.yaml        runs or analyses over a grid of parameters\n"
           "  merge -o FILE SHARD...   the shards of a sweep put together\n"
           "  check CONFIG.yaml        check a configuration, print it with every default\n"
           "  plot RESULT.nc           draw a result: SVG, PDF, PNG or in the terminal\n"
           "  help [TOPIC]             a command; help observables, summaries, config\n"
           "  --version                version of the program and of BLAS\n\n"
           "First steps:\n"
           "  umaser run examples/quick.yaml -o quick.nc\n"
           "  umaser plot quick.nc --format text\n",
           UM_VERSION);
    printf("\nExit codes:\n");
    for (int i = 0; i < CODES; i++) printf("  %-4d %s\n", exit_codes[i].code, exit_codes[i].text);
    return CLI_DONE;
}

static int print_observables(void)
{
    printf("What a run can record (record.observables), marked * by default.\n"
           "omega is the energy of one battery quantum, T the period, tau the time of one\n"
           "interaction; E is the energy and W the ergotropy after collision k.\n\n");
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        const um_quantity_info *info = um_quantity_get_info(i);
        char head[64], text[256];
        snprintf(head, sizeof head, "%c %s", info->by_default ? '*' : ' ', info->name);
        snprintf(text, sizeof text, "%s [%s]", info->long_name, info->units);
        print_wrapped(head, 30, text);
    }
    printf("\nExample: record: {at: log, observables: [energy, ergotropy, purity]}\n");
    return CLI_DONE;
}

static int print_summaries(void)
{
    printf("What a sweep keeps of each point (sweep.summaries), marked * by default; the\n"
           "last with analysis: steady alone.\n\n");
    for (int i = 0; i < UM_SUMMARY_COUNT; i++) {
        const um_summary_info *info = um_summary_get_info(i);
        char head[64], text[256];
        snprintf(head, sizeof head, "%c %s", info->by_default ? '*' : ' ', info->name);
        snprintf(text, sizeof text, "%s [%s]%s", info->long_name, info->units,
                 info->steady ? " (steady)" : "");
        print_wrapped(head, 30, text);
    }
    return CLI_DONE;
}

int cli_help(const char *topic)
{
    if (!topic) return print_overview();
    if (strcmp(topic, "observables") == 0) return print_observables();
    if (strcmp(topic, "summaries") == 0) return print_summaries();
    if (strcmp(topic, "config") == 0) {
        fputs(cli_help_config, stdout);
        return CLI_DONE;
    }
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(topic, commands[i].name) == 0) {
            printf("Usage: %s\n\n", commands[i].usage);
            print_wrapped("", 0, commands[i].text);
            if (commands[i].bit) print_options(commands[i].bit);
            return CLI_DONE;
        }
    fprintf(stderr,
            "umaser: help: no topic '%s'; there are run, steady, design, sweep, merge, check, plot, "
            "help,\nobservables, summaries and config\n",
            topic);
    return CLI_CONFIG;
}
