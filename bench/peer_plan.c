/* What koga's exact engine does, written plainly in C: the peer of bench_plan.py.
   Same factors, same laws, same words, same tables; every array as Python prepared it. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HAZARD, CREDIT, FUND };
enum { KIND, CURVED, CUMULATED, CREDIT_OF, LIFE, LAG, LOSS, GUARANTEE, LIVELY, NUMBERS };
enum { GUIDE = 64, BINS = 1024, STEPS = 8192, DEGREE = 12, NODES = 449 };

typedef struct {
    int64_t lines, sectors, years, quarters, vintages;
    double evergreen;
    const int64_t *numbers, *law_of, *deals;
    const double *chances, *loads, *offset, *coefficients, *terms, *rates, *ratings;
    const double *matrices, *bins, *curve, *money, *mix, *scale;
    const int16_t *marks;
    const uint64_t *keys;
} Tables;

static uint64_t mixed(uint64_t word) {
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
}

static uint64_t opened(uint64_t seed, uint64_t path, uint64_t purpose) {
    uint64_t word = mixed(seed + 0xD1B54A32D192ED03u);
    word = mixed(word ^ (path + 1) * 0xABC98388FB8FAC03u);
    return mixed(word ^ (purpose + 1) * 0x8CB92BA72F3D8DD7u);
}

static void ratings_at(const double *nodes, double z, double *found) {
    double place = (fmin(7.0, fmax(-7.0, z)) + 7.0) * ((NODES - 1) / 14.0);
    int node = (int)place < NODES - 2 ? (int)place : NODES - 2;
    for (int i = 0; i < 42; i++) {
        double low = nodes[node * 42 + i];
        found[i] = low + (place - node) * (nodes[(node + 1) * 42 + i] - low);
    }
}

static void rating_years(const double *mix, const double *matrices, int years, double *ended) {
    double state[6], after[7];
    memcpy(state, mix, sizeof state);
    for (int year = 0; year < years; year++) {
        double part = year ? 1.0 : 0.5;
        for (int end = 0; end < 7; end++) {
            double total = end < 6 ? (1.0 - part) * state[end] : 0.0;
            for (int from = 0; from < 6; from++)
                total += part * state[from] * matrices[year * 42 + from * 7 + end];
            after[end] = total;
        }
        memcpy(state, after, sizeof state);
        ended[year] = after[6];
    }
}

static double payoff_at(const double *curve, double score) {
    double place = (fmin(9.0, fmax(-9.0, score)) + 9.0) * (STEPS / 18.0);
    int node = (int)place < STEPS - 1 ? (int)place : STEPS - 1;
    return curve[node] + (place - node) * (curve[node + 1] - curve[node]);
}

typedef struct {
    uint32_t ends[64];
    uint8_t guide[GUIDE];
    double worth[64];
} Cell;

static void cumulate(const double *ended, const double *failed, int years, Cell *cell) {
    double total = 0.0;
    for (int year = 0; year < years; year++) {
        total += failed[year];
        cell->ends[2 * year] = (uint32_t)fmin(2147483648.0, total * 2147483648.0 + 0.5);
        total += ended[year];
        cell->ends[2 * year + 1] = (uint32_t)fmin(2147483648.0, total * 2147483648.0 + 0.5);
    }
    cell->ends[2 * years] = 0xFFFFFFFFu;
    int event = 0;
    for (uint32_t top = 0; top < GUIDE; top++) {
        while (cell->ends[event] <= top << 25) event++;
        cell->guide[top] = (uint8_t)event;
    }
}

static void draw(uint64_t stream, int64_t count, double ticket, int curved, const Cell *cell,
                 const int16_t *marks, const double *bins, const double *curve, int half,
                 double *over, double *paid) {
    for (int64_t deal = 0; deal < count; deal++) {
        uint64_t word = mixed(stream + (uint64_t)(deal + 1) * 0x9E3779B97F4A7C15u);
        uint32_t upper = (uint32_t)(word >> 33);
        int event = cell->guide[word >> 58], quarter = (int)(word & 255);
        while (cell->ends[event] <= upper) event++;
        const int16_t *mark = marks + 4 * event;
        int slot = 4 * (event >> 1) + (quarter >= mark[0]) + (quarter >= mark[1]) +
                   (quarter >= mark[2]);
        over[(event & 1) * half + slot] += ticket;
        if (!(event & 1)) continue;
        int own = (int)(word >> 8 & (BINS - 1)), finer = (int)(word >> 20 & (BINS - 1));
        if (own == 0) own = BINS + finer;
        else if (own == BINS - 1) own = 2 * BINS + finer;
        paid[slot] += ticket * (curved ? payoff_at(curve, cell->worth[event >> 1] + bins[own])
                                       : cell->worth[event >> 1] * bins[own]);
    }
}

static void settle(const int64_t *numbers, double total, const double *over, const double *pays,
                   int half, const double *terms, const double *level, int64_t quarters,
                   int64_t begin, double *made) {
    const double *drawn = terms, *stake = terms + half, *repaid = terms + 2 * half;
    const double *fixed = terms + 3 * half, *floating = terms + 4 * half;
    double *invested = made, *returned = made + quarters, *income = made + 2 * quarters;
    double *written = made + 3 * quarters, *closed = made + 4 * quarters, alive = total;
    invested[begin] += total * drawn[1];
    for (int64_t slot = 2; slot < half && begin + slot - 1 < quarters; slot++) {
        int64_t now = begin + slot - 1, later = now + numbers[LAG];
        double failed = over[slot], ended = over[half + slot], back = pays[slot] * stake[slot];
        written[now] += failed * stake[slot];
        if (numbers[LOSS]) written[now] += ended * stake[slot] - back;
        closed[now] += (failed + ended) * stake[slot];
        if (later < quarters) returned[later] += back;
        if (!numbers[LIVELY]) continue;
        alive -= failed + ended;
        double earned = alive * (fixed[slot] + floating[slot] * level[slot >> 2]);
        invested[now] += alive * drawn[slot] + (numbers[GUARANTEE] ? ended * stake[slot] : 0.0);
        returned[now] += alive * repaid[slot] + earned;
        income[now] += earned;
        closed[now] += alive * repaid[slot];
    }
}

typedef struct {
    double *cycle, *swing, *middle, *ratings, *level, *returns;
    Cell *cells;
} Room;

static void open_path(const Tables *t, const double *drawn, Room *room) {
    int64_t sectors = t->sectors, years = t->years;
    for (int64_t s = 0; s < sectors; s++)
        for (int64_t y = 0; y < years; y++) {
            double z = sqrt(0.75) * drawn[y] + 0.5 * drawn[(1 + s) * years + y];
            room->cycle[s * years + y] = z;
            room->swing[s * years + y] = erf(z * 0.7071067811865476);
        }
    for (int64_t row = 0; row <= sectors; row++) {
        double total = 0.0;
        for (int64_t y = 0; y < years; y++) {
            room->middle[row * years + y] = total + 0.5 * drawn[row * years + y];
            total += drawn[row * years + y];
        }
    }
    for (int64_t line = 0; line < t->lines; line++) {
        const int64_t *numbers = t->numbers + line * NUMBERS;
        double load = t->rates[line * 4];
        for (int64_t y = 0; y < years; y++)
            room->level[line * years + y] = exp(load * drawn[y] - 0.5 * load * load);
        if (numbers[KIND] != CREDIT) continue;
        for (int64_t cell = 0; cell < sectors * years; cell++)
            ratings_at(t->matrices + numbers[CREDIT_OF] * NODES * 42, room->cycle[cell],
                       room->ratings + (line * sectors * years + cell) * 42);
    }
}

static void open_cell(const Tables *t, Room *room, int64_t year, int64_t line, int64_t s) {
    int64_t sectors = t->sectors, years = t->years, at = line * sectors + s;
    const int64_t *numbers = t->numbers + line * NUMBERS;
    int64_t slots = (t->quarters - 4 * year) / 4 + 1;
    if (slots > years - year) slots = years - year;
    int64_t lived = slots < numbers[LIFE] ? slots : numbers[LIFE];
    double ended[64], failed[64] = {0};
    if (numbers[KIND] == CREDIT) {
        rating_years(t->ratings + line * 6,
                     room->ratings + ((line * sectors + s) * years + year) * 42, lived, ended);
    } else {
        const double *end = t->chances + ((line * 4 + 0) * sectors + s) * years;
        const double *fail = t->chances + ((line * 4 + 1) * sectors + s) * years;
        const double *up = t->chances + ((line * 4 + 2) * sectors + s) * years;
        const double *down = t->chances + ((line * 4 + 3) * sectors + s) * years;
        double alive = 1.0;
        for (int64_t k = 0; k < lived; k++) {
            double now = room->swing[s * years + year + k];
            double one = end[k] * (1.0 + up[k] * now), other = fail[k] * (1.0 - down[k] * now);
            ended[k] = alive * one;
            failed[k] = alive * other;
            alive *= 1.0 - one - other;
        }
    }
    Cell *cell = room->cells + at;
    cumulate(ended, failed, (int)lived, cell);
    const double *loads = t->loads + line * 3 * sectors;
    const double *c = t->coefficients + at * (DEGREE + 1);
    for (int64_t k = 0; k < lived; k++) {
        double score = t->offset[at * years + k];
        if (numbers[CUMULATED])
            score += loads[s] * room->returns[k] +
                     loads[sectors + s] * room->returns[(1 + s) * years + k];
        else
            score += loads[sectors + s] * room->cycle[s * years + year + k];
        cell->worth[k] = numbers[CURVED] ? score : exp(c[0] + c[1] * score);
    }
}

static void open_vintage(const Tables *t, const double *drawn, Room *room, int64_t year) {
    int64_t years = t->years;
    for (int64_t row = 0; row <= t->sectors; row++) {
        const double *middle = room->middle + row * years + year;
        room->returns[row * years] = drawn[row * years + year];
        for (int64_t k = 1; year + k < years; k++)
            room->returns[row * years + k] = (middle[k] - middle[0]) * t->scale[k];
    }
    for (int64_t line = 0; line < t->lines; line++)
        for (int64_t s = 0; s < t->sectors; s++) open_cell(t, room, year, line, s);
}

static void one_path(const Tables *t, const double *drawn, uint64_t seed, uint64_t path,
                     Room *room, double *made) {
    int64_t lines = t->lines, sectors = t->sectors, half = 4 * t->years, vintages = t->vintages;
    double over[512], paid[256];
    open_path(t, drawn, room);
    for (int64_t v = 0; v < vintages; v++) {
        if (v % 4 == 0) open_vintage(t, drawn, room, v / 4);
        double back = 0.0;
        for (int64_t line = 0; v > 0 && line < lines; line++)
            back += made[(line * 5 + 1) * t->quarters + v - 1];
        uint64_t start = opened(seed, path, (uint64_t)v);
        for (int64_t line = 0; line < lines; line++) {
            const int64_t *numbers = t->numbers + line * NUMBERS;
            double amount = t->money[line * vintages + v] +
                            t->evergreen * back * t->money[(lines + line) * vintages + v];
            double entry = t->money[(2 * lines + line) * vintages + v];
            memset(over, 0, sizeof over);
            memset(paid, 0, sizeof paid);
            for (int64_t s = 0; s < sectors; s++) {
                int64_t at = line * sectors + s, law = t->law_of[at];
                double share = t->mix[(line * vintages + v) * sectors + s];
                int64_t count = t->deals[(line * vintages + v) * sectors + s];
                draw(mixed(start ^ t->keys[at]), count, amount * share / (double)count,
                     (int)numbers[CURVED], room->cells + at,
                     t->marks + line * (2 * t->years + 1) * 4, t->bins + law * 3 * BINS,
                     t->curve + law * (STEPS + 1), (int)half, over, paid);
            }
            for (int64_t slot = 0; slot < half; slot++) paid[slot] *= entry;
            settle(numbers, amount, over, paid, (int)half, t->terms + line * 5 * half,
                   room->level + line * t->years + v / 4, t->quarters, v,
                   made + line * 5 * t->quarters);
        }
    }
}

void run(const Tables *t, const double *drawn, uint64_t seed, int64_t first, int64_t paths,
         double *made) {
    int64_t lines = t->lines, sectors = t->sectors, years = t->years;
    Room room = {
        calloc(sectors * years, 8), calloc(sectors * years, 8),
        calloc((sectors + 1) * years, 8), calloc(lines * sectors * years * 42, 8),
        calloc(lines * years, 8), calloc((sectors + 1) * years, 8),
        calloc(lines * sectors, sizeof(Cell)),
    };
    for (int64_t path = 0; path < paths; path++)
        one_path(t, drawn + path * (sectors + 1) * years, seed, (uint64_t)(first + path), &room,
                 made + path * lines * 5 * t->quarters);
    free(room.cycle), free(room.swing), free(room.middle), free(room.ratings);
    free(room.level), free(room.returns), free(room.cells);
}
