/* umaser: micromaser quantum batteries. Includes every public header. */
#ifndef UMASER_UMASER_H
#define UMASER_UMASER_H

#include "umaser/base.h"
#include "umaser/charge.h"
#include "umaser/design.h"
#include "umaser/io.h"
#include "umaser/map.h"
#include "umaser/model.h"
#include "umaser/observe.h"
#include "umaser/state.h"
#include "umaser/steady.h"
#include "umaser/sweep.h"

#endif
