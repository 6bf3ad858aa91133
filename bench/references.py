"""Answers to compare with, in numpy: slow, dense, and none of the project's own code."""
import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp

import peers


def full_state(levels):
    """bench_full_element of bench/bench.h."""
    n = np.arange(levels)
    d, s = n[:, None] - n[None, :], n[:, None] + n[None, :]
    rho = np.exp(-0.5 * (d / max(25, levels / 8)) ** 2 - s / 200.0) * (-1j) ** (d % 4)
    return rho / np.trace(rho)


def vacuum(levels):
    rho = np.zeros((levels, levels), complex)
    rho[0, 0] = 1
    return rho


def energy_of(rho):
    return float(np.real(np.diag(rho)) @ np.arange(len(rho)))


def blocks_of(levels, theta, detuning=0.0):
    """Of the unitary, {how the atom ends: (having come in g, in e)}; the top is closed. detuning: times tau."""
    d = np.sqrt(np.arange(levels + 1))
    d[levels] = 0
    angle = np.hypot(theta * d, detuning / 2)
    ratio = np.divide(np.sin(angle), angle, out=np.ones_like(angle), where=angle > 0)
    common, tilt = np.exp(-0.5j * detuning), 0.5j * detuning * ratio
    ground, excited = common * (np.cos(angle) + tilt), common * (np.cos(angle) - tilt)
    ground[0] = 1
    step = -1j * common * (theta * d * ratio)[1:levels]
    up, down = sp.diags(step, -1, format="csr"), sp.diags(step, 1, format="csr")
    return {"g": (sp.diags(ground[:levels], format="csr"), up), "e": (down, sp.diags(excited[1:], format="csr"))}


def collide(rho, blocks, c, q=0.25):
    """One collision by its definition: atom and battery, the unitary, the partial trace."""
    ge = c * np.sqrt(q * (1 - q))
    atom = np.array([[q, ge], [ge, 1 - q]])
    after = 0
    for ket in blocks.values():
        turned = [block @ rho for block in ket]
        for j, bra in enumerate(ket):
            after = after + (bra @ (atom[0, j] * turned[0] + atom[1, j] * turned[1]).conj().T).conj().T
    return after


def stepped_energy(levels, collisions, theta=1.0, c=1.0, start=None, detuning=0.0):
    rho, blocks = vacuum(levels) if start is None else start, blocks_of(levels, theta, detuning)
    for _ in range(collisions):
        rho = collide(rho, blocks, c)
    return energy_of(rho)


def kraus_energy(levels, collisions, theta=1.0):
    """The same for c = 1 with two sparse operators: much faster."""
    operators = [sp.csr_matrix(k) for k in peers.kraus(levels, theta, "cavity")]
    rho = vacuum(levels)
    for _ in range(collisions):
        rho = sum((k @ (k @ rho).conj().T).conj().T for k in operators)
    return energy_of(rho)


def rabi_energies(size, g=0.5, collisions=3, theta=1.0, q=0.25):
    """After 1, 2, ... collisions from the vacuum, in a space that must be cut far above."""
    n = np.arange(size)
    a = np.diag(np.sqrt(n[1:]), 1)
    excite = np.array([[0, 0], [1, 0]])  # |e><g|, order g, e
    h0 = np.kron(np.diag(n), np.eye(2)) + np.kron(np.eye(size), np.diag([0, 1]))
    h = h0 + g * np.kron(a + a.T, excite + excite.T)
    tau = theta / g
    values, vectors = np.linalg.eigh(h)
    u = np.diag(np.exp(1j * np.diag(h0) * tau)) @ (vectors * np.exp(-1j * values * tau)) @ vectors.T
    s = np.sqrt(q * (1 - q))
    atom = np.array([[q, s], [s, 1 - q]])
    rho, energies = vacuum(size), []
    for _ in range(collisions):
        joint = (u @ np.kron(rho, atom) @ u.conj().T).reshape(size, 2, size, 2)
        rho = np.trace(joint, axis1=1, axis2=3)
        energies.append(energy_of(rho))
    return energies


def checksum(values):
    """Of a phase-space function; weighted, so that a transposed grid shows: bench_wigner.c has it too."""
    p, x = np.indices(values.shape)
    return float((values * np.cos(0.1 * p + 0.3 * x)).sum())


def chamber_energy(last, theta=1.0, q=0.25):
    """Of the state that stays in levels 0..last when the way out, sin(theta sqrt(last + 1)), is closed; c = 1."""
    angles = theta * np.sqrt(np.arange(last + 2))
    cosine, sine = np.cos(angles), np.sin(angles)
    cosine[-1], sine[-1] = np.sign(cosine[-1]), 0
    g, e = np.sqrt(q), np.sqrt(1 - q)
    to_g = np.diag(g * cosine[:-1]) + np.diag(-1j * e * sine[1:-1], -1)
    to_e = np.diag(e * cosine[1:]) + np.diag(-1j * g * sine[1:-1], 1)
    size = (last + 1) ** 2
    equations = sum(np.kron(k, k.conj()) for k in (to_g, to_e)) - np.eye(size)
    equations = np.vstack([equations, np.eye(last + 1).ravel()])  # and the trace is 1
    rho, *_ = np.linalg.lstsq(equations, np.eye(size + 1)[-1], rcond=None)
    return energy_of(rho.reshape(last + 1, last + 1))


def gap_energies(levels, kappa_t, n_th, padding=60):
    """{what follows a collision of the full state: energy of what is left below `levels`}, by the rates of populations.

    A state that fills its space climbs out of it: from a gap of random length for good, as the program has it, else
    not before the gap is over."""
    size = levels + padding
    after = np.real(np.diag(collide(full_state(levels), blocks_of(levels, 1.0), 1.0)))
    n = np.arange(size)

    def rates(mean):
        change = np.diag(mean * n[1:], -1) + np.diag((mean + 1) * n[1:], 1)
        return kappa_t * (change - np.diag(change.sum(axis=0)))

    start = np.concatenate([after, np.zeros(padding)])
    ends = {"collision": start, "loss": sl.expm(rates(0)) @ start, "thermal": sl.expm(rates(n_th)) @ start,
            "random": np.linalg.solve((np.eye(size) - rates(n_th))[:levels, :levels], after)}
    return {what: float(populations[:levels] @ np.arange(levels)) for what, populations in ends.items()}
