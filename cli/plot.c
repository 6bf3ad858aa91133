/* umaser plot: a figure of a result file. */
#include "plot.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "plot_sweep.h"
#include "terminal.h"

static const char *const format_names[PLOT_FORMATS] = {"svg", "pdf", "png", "text"};
static const char *const what_names[PLOT_WHATS] = {"series", "populations", "wigner", "husimi",
                                                   "spectrum", "designs", "sweep"};

/* What the command line asks for. */
typedef struct plot_request {
    const char *input;
    char output[PATH_MAX]; /* empty: standard output */
    enum plot_format format;
    enum plot_what what;
    int64_t at;
    bool force, quiet;
} plot_request;

static int find_name(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcasecmp(names[i], name) == 0) return i;
    return -1;
}

/* The part of a path after the last dot of its last component; NULL if there is none. */
static const char *find_suffix(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? dot + 1 : NULL;
}

static bool choose_format(const cli_options *options, plot_request *request)
{
    const char *name = options->format, *suffix = NULL;
    if (!name && options->output) {
        suffix = find_suffix(options->output);
        name = suffix && strcasecmp(suffix, "txt") == 0 ? "text" : suffix ? suffix : "";
    }
    int other = options->at == CLI_AT_ALL ? PLOT_PNG : PLOT_SVG; /* what films are made of */
    int format = name ? find_name(format_names, PLOT_FORMATS, name) : other;
    if (format < 0) {
        fprintf(stderr,
                suffix || !options->format
                    ? "umaser: %s: the format of a figure follows from its suffix: .svg, .pdf, "
                      ".png or .txt (or say --format svg|pdf|png|text)\n"
                    : "umaser: --format: found %s; allowed: svg, pdf, png, text\n",
                options->format ? options->format : options->output);
        return false;
    }
    request->format = (enum plot_format)format;
    return true;
}

/* RESULT.nc -> RESULT.svg, RESULT-wigner.svg, RESULT-wigner-30.svg; text goes to standard output.
 */
static bool choose_output(const cli_options *options, plot_request *request)
{
    if (!options->output && request->format == PLOT_TEXT) return true;
    const char *input = request->input, *suffix = find_suffix(input);
    int stem =
        (int)(suffix && (strcmp(suffix, "nc") == 0 || strcmp(suffix, "csv") == 0) ? (size_t)(suffix - 1 - input) : strlen(input));
    char what[48] = "", at[24] = "";
    if (request->at >= 0) snprintf(at, sizeof at, "-%" PRId64, request->at);
    if (request->what != PLOT_SERIES && request->what != PLOT_DESIGNS)
        snprintf(what, sizeof what, "-%s%s", what_names[request->what], at);
    int length = options->output
                     ? snprintf(request->output, sizeof request->output, "%s", options->output)
                     : snprintf(request->output, sizeof request->output, "%.*s%s.%s", stem, input,
                                what, format_names[request->format]);
    if (length > 0 && (size_t)length < sizeof request->output - 32) return true;
    fprintf(stderr, "umaser: the path of the figure is empty or too long\n");
    return false;
}

/* A table is one of designs unless something else is asked for. */
static int choose_what(const cli_options *options)
{
    /* A file says itself whether it is of a sweep. */
    if (options->what) return find_name(what_names, PLOT_SWEEP, options->what);
    const char *suffix = options->input ? find_suffix(options->input) : NULL;
    return suffix && strcasecmp(suffix, "csv") == 0 ? PLOT_DESIGNS : PLOT_SERIES;
}

static bool parse_request(const cli_options *options, plot_request *request)
{
    int what = choose_what(options);
    if (!options->input) {
        fprintf(stderr,
                "umaser: plot: which result file? Usage: umaser plot RESULT.nc [-o FILE]\n");
        return false;
    }
    if (what < 0) {
        fprintf(stderr,
                "umaser: --what: found %s; allowed: series, populations, wigner, husimi, "
                "spectrum, designs\n",
                options->what);
        return false;
    }
    bool image = what == PLOT_WIGNER || what == PLOT_HUSIMI;
    if (options->at != CLI_AT_LAST && what != PLOT_POPULATIONS && !image) {
        fprintf(stderr, "umaser: --at chooses a state: it goes with --what populations, wigner or "
                        "husimi\n");
        return false;
    }
    if (options->at == CLI_AT_ALL && !image) {
        fprintf(stderr, "umaser: --at all draws a film: it goes with --what wigner or husimi\n");
        return false;
    }
    *request = (plot_request){.input = options->input,
                              .what = (enum plot_what)what,
                              .at = options->at,
                              .force = options->force,
                              .quiet = options->quiet};
    return choose_format(options, request) && choose_output(options, request);
}

static int print_text(const plot_request *request, const plot_subject *subject, FILE *stream)
{
    bool to_file = request->output[0], utf8 = terminal_is_utf8();
    int width = to_file ? TERMINAL_WIDTH_DEFAULT : terminal_get_width(stdout);
    bool done = true;
    if (request->what == PLOT_SERIES)
        done = plot_text_series(subject->result, width, utf8, stream);
    else if (request->what == PLOT_SPECTRUM)
        plot_spectrum_print(subject->spectrum, width, utf8, stream);
    else if (request->what == PLOT_SWEEP)
        plot_sweep_print(subject->sweep, width, utf8, stream);
    else if (request->what == PLOT_DESIGNS)
        plot_designs_print(&subject->designs, width, utf8, stream);
    else if (request->what == PLOT_POPULATIONS)
        plot_text_populations(&subject->populations, width, utf8, stream);
    else
        plot_text_image(&subject->image, request->what, width, utf8, stream);
    if (!done) {
        fprintf(stderr, "umaser: out of memory\n");
        return CLI_INTERNAL;
    }
    if (fflush(stream) || ferror(stream)) return plot_report_output("standard output", errno);
    return CLI_DONE;
}

static int draw(const plot_request *request, const plot_subject *subject)
{
    if (!request->output[0]) return print_text(request, subject, stdout);
    FILE *figure = tmpfile(), *script = tmpfile();
    int code = CLI_DONE;
    if (!figure || !script) {
        code = plot_report_output("temporary file", errno);
    } else if (request->format == PLOT_TEXT) {
        code = print_text(request, subject, figure);
        rewind(figure);
    } else {
        if (request->what == PLOT_SWEEP)
            plot_sweep_write(script, subject->sweep, request->format);
        else
            plot_script_write(script, subject, request->what, request->format);
        code = ferror(script) ? plot_report_output("temporary file", EIO)
                              : plot_gnuplot_run(script, figure, request->format);
    }
    if (code == CLI_DONE) code = plot_save(figure, request->output, request->force);
    if (code == CLI_DONE && !request->quiet) printf("%s\n", request->output);
    if (figure) fclose(figure);
    if (script) fclose(script);
    return code;
}

/* FILM.png -> FILM-0001.png, ..., all of the same length. */
static bool name_frame(const plot_request *film, size_t frame, size_t count, plot_request *request)
{
    const char *suffix = find_suffix(film->output);
    int stem = (int)(suffix ? (size_t)(suffix - 1 - film->output) : strlen(film->output)), digits = 4;
    for (size_t rest = count / 10000; rest > 0; rest /= 10) digits++;
    *request = *film;
    request->quiet = true;
    if (!film->output[0]) return true;
    int length = snprintf(request->output, sizeof request->output, "%.*s-%0*zu%s", stem,
                          film->output, digits, frame + 1, suffix ? suffix - 1 : "");
    if ((size_t)length < sizeof request->output - 32) return true;
    fprintf(stderr, "umaser: the path of the figure is too long\n");
    return false;
}

/* One figure for each state that was kept, with the same colours for the same values. */
static int draw_film(const plot_request *film, const um_result *result)
{
    plot_request request;
    struct stat status;
    size_t count = result->wigners_count;
    double modulus = 0;
    plot_subject subject = {.result = result};
    for (size_t i = 0; i < count; i++) {
        if (!plot_frame_get(result, film->what, i, film->input, &subject.image)) return CLI_CONFIG;
        if (subject.image.modulus > modulus) modulus = subject.image.modulus;
        if (!name_frame(film, i, count, &request)) return CLI_CONFIG;
        if (request.output[0] && !film->force && stat(request.output, &status) == 0)
            return plot_report_output(request.output, EEXIST);
    }
    for (size_t i = 0; i < count; i++) {
        plot_frame_get(result, film->what, i, film->input, &subject.image);
        name_frame(film, i, count, &request);
        subject.image.modulus = modulus;
        int code = draw(&request, &subject);
        if (code != CLI_DONE) return code;
        if (!film->quiet && request.output[0]) printf("%s\n", request.output);
    }
    return CLI_DONE;
}

/* RESULT.svg, or RESULT-COLUMN.svg where a column is asked for. */
static bool parse_sweep_request(const cli_options *options, plot_request *request)
{
    cli_options plain = *options;
    char name[PATH_MAX];
    plain.what = NULL;
    if (options->at != CLI_AT_LAST) {
        fprintf(stderr, "umaser: --at chooses a state; a sweep has none\n");
        return false;
    }
    if (!parse_request(&plain, request)) return false;
    if (options->output || !options->what || !request->output[0]) return true;
    const char *suffix = find_suffix(request->output);
    int stem = (int)(suffix - 1 - request->output);
    snprintf(name, sizeof name, "%.*s-%.80s.%s", stem, request->output, options->what, suffix);
    strcpy(request->output, name);
    return true;
}

static int draw_sweep(const cli_options *options, const um_sweep_table *table)
{
    plot_request request;
    plot_sweep sweep;
    struct stat status;
    if (!plot_sweep_choose(table, options->what, options->input, &sweep)) return CLI_CONFIG;
    if (!parse_sweep_request(options, &request)) return CLI_CONFIG;
    request.what = PLOT_SWEEP;
    if (request.output[0] && !request.force && stat(request.output, &status) == 0)
        return plot_report_output(request.output, EEXIST);
    plot_subject subject = {.sweep = &sweep};
    return draw(&request, &subject);
}

/* Of a file that umaser steady wrote. */
static int draw_spectrum(um_context *ctx, const cli_options *options, const plot_request *request)
{
    um_steady *steady;
    if (um_steady_read(ctx, request->input, &steady) != UM_OK)
        return cli_report(ctx, options, NULL);
    plot_subject subject = {.spectrum = &steady->spectrum};
    int code = CLI_CONFIG;
    if (steady->spectrum.count > 0)
        code = draw(request, &subject);
    else
        fprintf(stderr, "%s: no eigenvalues were found, so there is no spectrum to draw\n",
                request->input);
    um_steady_destroy(ctx, steady);
    return code;
}

/* Of a file that umaser design wrote. */
static int draw_designs(um_context *ctx, const cli_options *options, const plot_request *request)
{
    um_design *designs;
    size_t count;
    if (um_designs_read_csv(ctx, request->input, &designs, &count) != UM_OK)
        return cli_report(ctx, options, NULL);
    plot_subject subject = {.designs = {count, designs}};
    int code = CLI_CONFIG;
    if (count > 0)
        code = draw(request, &subject);
    else
        fprintf(stderr, "%s: the table is empty, there is nothing to draw\n", request->input);
    um_designs_destroy(ctx, designs);
    return code;
}

static int draw_state(const plot_request *request, const um_result *result)
{
    plot_subject subject = {.result = result};
    plot_populations *populations = &subject.populations;
    bool there =
        request->what == PLOT_SERIES ? plot_has_series(result, request->input)
        : request->what == PLOT_POPULATIONS
            ? plot_populations_get(result, request->at, request->input, populations)
            : plot_image_get(result, request->what, request->at, request->input, &subject.image);
    /* The terminal shows one state at a time. */
    if (there && request->format == PLOT_TEXT && populations->rows > 1) {
        populations->values += (populations->rows - 1) * (size_t)populations->levels;
        populations->collision = result->collision[populations->rows - 1];
        populations->rows = 1;
    }
    int code = there ? draw(request, &subject) : CLI_CONFIG;
    free(populations->owned);
    return code;
}

static int draw_result(um_context *ctx, const cli_options *options, const plot_request *request)
{
    um_result *result;
    if (um_result_read(ctx, request->input, &result, NULL) != UM_OK)
        return cli_report(ctx, options, NULL);
    int code = request->at == CLI_AT_ALL
                   ? plot_has_images(result, request->what, request->input)
                         ? draw_film(request, result)
                         : CLI_CONFIG
                   : draw_state(request, result);
    um_result_destroy(ctx, result);
    return code;
}

int cli_plot(um_context *ctx, const cli_options *options)
{
    plot_request request;
    struct stat status;
    um_sweep_table *table;
    if (options->input && choose_what(options) != PLOT_DESIGNS) {
        um_status read = um_sweep_table_read(ctx, options->input, &table);
        if (read == UM_OK) {
            int code = draw_sweep(options, table);
            um_sweep_table_destroy(ctx, table);
            return code;
        }
        if (read != UM_ERROR_DOMAIN) return cli_report(ctx, options, NULL);
    }
    if (!parse_request(options, &request)) return CLI_CONFIG;
    /* Known before the work is done, and once more when the figure is moved into its place. */
    if (request.output[0] && request.at != CLI_AT_ALL && !request.force &&
        stat(request.output, &status) == 0)
        return plot_report_output(request.output, EEXIST);
    if (request.what == PLOT_DESIGNS) return draw_designs(ctx, options, &request);
    return request.what == PLOT_SPECTRUM ? draw_spectrum(ctx, options, &request)
                                         : draw_result(ctx, options, &request);
}
