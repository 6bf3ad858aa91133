# bash completion for umaser

_umaser() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} options=
    local IFS=$' \t\n'
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "run steady design sweep merge check plot help --help --version" -- "$current"))
        return
    fi
    case $previous in
    --format) COMPREPLY=($(compgen -W "svg pdf png text" -- "$current")); return ;;
    --what) COMPREPLY=($(compgen -W "series populations wigner husimi spectrum designs" -- "$current")); return ;;
    --output | -o)
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$current"))
        return
        ;;
    --set)
        COMPREPLY=($(compgen -S = -W "$(_umaser_keys)" -- "$current"))
        compopt -o nospace
        return
        ;;
    --energy | --ergotropy | --q | --theta | --half-turns | --theta-error | --tolerance | --rows | --levels) return ;;
    --battery)
        compopt -o filenames
        COMPREPLY=($(compgen -o plusdirs -f -X '!*.y?(a)ml' -- "$current"))
        return
        ;;
    --at)
        COMPREPLY=($(compgen -W all -- "$current"))
        return
        ;;
    --threads | -t | --seed | --stage | --eigenvalues | --shard) return ;;
    esac
    # --set record.observables=...: bash hands the words around "=" on one by one.
    if [[ $previous == "=" || $current == "=" ]]; then
        [[ ${COMP_LINE:0:COMP_POINT} == *record.observables=* ]] &&
            COMPREPLY=($(compgen -W "$(_umaser_observables)" -- "${current#=}"))
        return
    fi
    case $command in
    run) options="--output --force --set --resume --json --threads --seed --quiet --help" ;;
    steady) options="--output --force --set --json --threads --seed --stage --eigenvalues --quiet --help" ;;
    design) options="--output --force --json --energy --ergotropy --q --theta --half-turns --theta-error --tolerance --battery --rows --levels --quiet --help" ;;
    sweep) options="--output --force --set --json --threads --seed --status --retry-failed --shard --quiet --help" ;;
    merge) options="--output --force --json --quiet --help" ;;
    check) options="--set --seed --json --quiet --help" ;;
    plot) options="--output --force --format --what --at --quiet --help" ;;
    help)
        COMPREPLY=($(compgen -W "run steady design sweep merge check plot help observables summaries config" -- "$current"))
        return
        ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
        return
    fi
    [[ $command == design ]] && return
    compopt -o filenames
    if [[ $command == merge ]]; then
        COMPREPLY=($(compgen -o plusdirs -f -X '!*.@(nc|csv|journal)' -- "$current"))
    elif [[ $command == plot ]]; then
        COMPREPLY=($(compgen -o plusdirs -f -X '!*.@(nc|csv)' -- "$current"))
    else
        COMPREPLY=($(compgen -o plusdirs -f -X '!*.y?(a)ml' -- "$current"))
    fi
}

_umaser_keys() {
    echo "title battery.kind battery.levels battery.max_levels battery.frequency battery.initial
        units omega_si seed
        battery.energies battery.lowering atoms.q atoms.c atoms.phase atoms.state atoms.detuning
        interaction.theta interaction.g interaction.tau interaction.counter_rotating
        interaction.pulse interaction.pulse_width stream.period stream.rate stream.frame
        stream.arrivals stream.atom_probability environment.kappa environment.Q
        environment.lifetime environment.n_th environment.temperature environment.dephasing
        environment.during_collision environment.atom_decay environment.atom_dephasing
        imperfections.theta_spread imperfections.phase_spread imperfections.q_spread
        imperfections.detuning_spread imperfections.theta_law imperfections.theta_samples
        imperfections.draw stages record.at record.per_decade record.observables
        record.states record.fidelity_with record.wigner.at record.wigner.grid
        sweep.axes sweep.points sweep.mode sweep.analysis sweep.stage
        sweep.summaries sweep.series sweep.repeats
        accuracy.truncation accuracy.plateau_tolerance accuracy.horizon accuracy.method"
}

_umaser_observables() {
    umaser help observables 2>/dev/null | sed -n 's/^[* ] \([a-z][a-z0-9_]*\)\( .*\)\?$/\1/p'
}

shopt -s extglob
complete -F _umaser umaser
