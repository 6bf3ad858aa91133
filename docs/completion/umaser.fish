# fish completion for umaser

function __umaser_observables
    umaser help observables 2>/dev/null | string match -rg '^[* ] ([a-z][a-z0-9_]*)(?: .*)?$'
end

set -l keys title battery.kind battery.levels battery.max_levels battery.frequency battery.initial \
    units omega_si seed \
    battery.energies battery.lowering atoms.q atoms.c atoms.phase atoms.state atoms.detuning \
    interaction.theta interaction.g interaction.tau interaction.counter_rotating \
    interaction.pulse interaction.pulse_width stream.period stream.rate stream.frame \
    stream.arrivals stream.atom_probability environment.kappa environment.Q \
    environment.lifetime environment.n_th environment.temperature environment.dephasing \
    environment.during_collision environment.atom_decay environment.atom_dephasing \
    imperfections.theta_spread imperfections.phase_spread imperfections.q_spread \
    imperfections.detuning_spread imperfections.theta_law imperfections.theta_samples \
    imperfections.draw stages record.at record.per_decade record.observables \
    record.states record.fidelity_with record.wigner.at record.wigner.grid \
    sweep.axes sweep.points sweep.mode sweep.analysis sweep.stage \
    sweep.summaries sweep.series sweep.repeats \
    accuracy.truncation accuracy.plateau_tolerance accuracy.horizon accuracy.method

complete -c umaser -f
complete -c umaser -n __fish_use_subcommand -a run -d 'simulate a protocol'
complete -c umaser -n __fish_use_subcommand -a steady -d 'plateau, limit, chambers and spectrum'
complete -c umaser -n __fish_use_subcommand -a design -d 'atoms and angles that give a wanted plateau'
complete -c umaser -n __fish_use_subcommand -a sweep -d 'runs or analyses over a grid of parameters'
complete -c umaser -n __fish_use_subcommand -a merge -d 'put the shards of a sweep together'
complete -c umaser -n __fish_use_subcommand -a check -d 'check a configuration'
complete -c umaser -n __fish_use_subcommand -a plot -d 'draw a result'
complete -c umaser -n __fish_use_subcommand -a help -d 'explain a command or a topic'
complete -c umaser -n __fish_use_subcommand -s V -l version -d 'version of the program and of BLAS'
complete -c umaser -s h -l help -d 'explain'

set -l run '__fish_seen_subcommand_from run'
set -l steady '__fish_seen_subcommand_from steady'
set -l design '__fish_seen_subcommand_from design'
set -l sweep '__fish_seen_subcommand_from sweep'
set -l merge '__fish_seen_subcommand_from merge'
set -l check '__fish_seen_subcommand_from check'
set -l plot '__fish_seen_subcommand_from plot'
complete -c umaser -n "$run; or $steady; or $sweep; or $check" -k -a '(__fish_complete_suffix .yaml)'
complete -c umaser -n "$plot" -k -a '(__fish_complete_suffix .nc; __fish_complete_suffix .csv)'
complete -c umaser -n "$run; or $steady; or $design; or $sweep; or $merge; or $plot" -s o -l output -r -F -d 'where the result or figure goes'
complete -c umaser -n "$run; or $steady; or $design; or $sweep; or $merge; or $plot" -s f -l force -d 'replace a file that exists'
complete -c umaser -n "$run; or $steady; or $sweep; or $check" -l set -x -d 'set a key of the configuration' \
    -a "(printf '%s=\n' $keys; printf 'record.observables=%s\n' (__umaser_observables))"
complete -c umaser -n "$run" -s r -l resume -d 'go on from the last checkpoint'
complete -c umaser -n "$run; or $steady; or $design; or $sweep; or $merge; or $check" -s j -l json -d 'print a JSON object'
complete -c umaser -n "$run; or $steady; or $sweep" -s t -l threads -x -d threads
complete -c umaser -n "$run; or $steady; or $sweep; or $check" -l seed -x -d 'seed of random choices'
complete -c umaser -n "$merge" -k -a '(__fish_complete_suffix .journal)'
complete -c umaser -n "$sweep" -l status -d 'how far the sweep is'
complete -c umaser -n "$sweep" -l retry-failed -d 'compute failed points again'
complete -c umaser -n "$sweep" -l shard -x -d 'one of N shares alone, I/N'
complete -c umaser -n "$steady" -l stage -x -d 'stage whose collisions are repeated'
complete -c umaser -n "$steady" -l eigenvalues -x -d 'how many leading eigenvalues'
complete -c umaser -n "$design" -l energy -x -d 'energy wanted'
complete -c umaser -n "$design" -l ergotropy -x -d 'ergotropy wanted'
complete -c umaser -n "$design" -l q -x -d 'ground-state populations possible, LOW:HIGH'
complete -c umaser -n "$design" -l theta -x -d 'angles possible, LOW:HIGH'
complete -c umaser -n "$design" -l half-turns -x -d 'traps of up to so many half turns'
complete -c umaser -n "$design" -l theta-error -x -d 'error of theta for the leak'
complete -c umaser -n "$design" -l tolerance -x -d 'how far the target may be missed'
complete -c umaser -n "$design" -l battery -r -k -a '(__fish_complete_suffix .yaml)' -d 'configuration with the battery'
complete -c umaser -n "$design" -l rows -x -d 'at most so many designs'
complete -c umaser -n "$design" -l levels -x -d 'chambers of more levels in closed form alone'
complete -c umaser -n "$plot" -l format -x -a 'svg pdf png text' -d 'format of the figure'
complete -c umaser -n "$plot" -l what -x -a 'series populations wigner husimi spectrum designs' -d 'what is drawn'
complete -c umaser -n "$plot" -l at -x -a all -d 'collision of the state'
complete -c umaser -n "$run; or $steady; or $design; or $sweep; or $merge; or $check; or $plot" -s q -l quiet -d 'no progress and no summary'
complete -c umaser -n '__fish_seen_subcommand_from help' \
    -a 'run steady design sweep merge check plot help observables summaries config'
