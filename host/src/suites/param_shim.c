/* The suite functions that take C's variable arguments, which stable Rust can call but not define. Each takes its
   arguments off the list and calls Rust. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIRE_INT = 0, WIRE_DOUBLE = 1, WIRE_TEXT = 2 };
enum { MOST = 4 };

/* What values a param takes: the wire and their number. Not OK where it takes none. */
extern int ofxhost_param_wire(void *param, int function, int *wire, int *count);
extern int ofxhost_param_get(void *param, int function, double time, double end, void *const *to, int count);
extern int ofxhost_param_set_ints(void *param, int at, double time, const int *values, int count);
extern int ofxhost_param_set_doubles(void *param, int at, double time, const double *values, int count);
extern int ofxhost_param_set_text(void *param, int at, double time, const char *text);
extern int ofxhost_message(void *handle, int persistent, const char *type, const char *id, const char *text);

/* Indices of the functions, for messages: values.rs has their names in this order. */
enum { GET, GET_AT, DERIVATIVE, INTEGRAL, SET, SET_AT };

static int get(void *param, int function, double time, double end, va_list args)
{
    int wire, count, i, status = ofxhost_param_wire(param, function, &wire, &count);
    void *to[MOST] = { 0 };
    if (status != 0)
        return status;
    for (i = 0; i < count && i < MOST; i++)
        to[i] = va_arg(args, void *);
    return ofxhost_param_get(param, function, time, end, to, count);
}

static int set(void *param, int function, double time, va_list args)
{
    int wire, count, i, status = ofxhost_param_wire(param, function, &wire, &count);
    int at = function == SET_AT;
    if (status != 0)
        return status;
    if (wire == WIRE_INT) {
        int values[MOST] = { 0 };
        for (i = 0; i < count && i < MOST; i++)
            values[i] = va_arg(args, int);
        return ofxhost_param_set_ints(param, at, time, values, count);
    }
    if (wire == WIRE_DOUBLE) {
        double values[MOST] = { 0 };
        for (i = 0; i < count && i < MOST; i++)
            values[i] = va_arg(args, double);
        return ofxhost_param_set_doubles(param, at, time, values, count);
    }
    return ofxhost_param_set_text(param, at, time, va_arg(args, const char *));
}

#define DOOR(call)                                                                                                   \
    va_list args;                                                                                                    \
    int status;                                                                                                      \
    va_start(args, last);                                                                                            \
    status = call;                                                                                                   \
    va_end(args);                                                                                                    \
    return status

#define last param
int ofxhost_param_get_value(void *param, ...) { DOOR(get(param, GET, 0, 0, args)); }
int ofxhost_param_set_value(void *param, ...) { DOOR(set(param, SET, 0, args)); }
#undef last
#define last time
int ofxhost_param_get_value_at_time(void *param, double time, ...) { DOOR(get(param, GET_AT, time, 0, args)); }
int ofxhost_param_get_derivative(void *param, double time, ...) { DOOR(get(param, DERIVATIVE, time, 0, args)); }
int ofxhost_param_set_value_at_time(void *param, double time, ...) { DOOR(set(param, SET_AT, time, args)); }
#undef last
#define last end
int ofxhost_param_get_integral(void *param, double time, double end, ...)
{
    DOOR(get(param, INTEGRAL, time, end, args));
}
#undef last

static int message(void *handle, int persistent, const char *type, const char *id, const char *format, va_list args)
{
    char small[512], *text = small;
    va_list again;
    int length, status;
    if (format == NULL)
        return ofxhost_message(handle, persistent, type, id, NULL);
    va_copy(again, args);
    length = vsnprintf(small, sizeof small, format, args);
    if (length >= (int)sizeof small) {
        text = malloc((size_t)length + 1);
        if (text != NULL)
            vsnprintf(text, (size_t)length + 1, format, again);
        else
            text = small;
    }
    va_end(again);
    status = ofxhost_message(handle, persistent, type, id, length < 0 ? format : text);
    if (text != small)
        free(text);
    return status;
}

#define last format
int ofxhost_message_post(void *handle, const char *type, const char *id, const char *format, ...)
{
    DOOR(message(handle, 0, type, id, format, args));
}
int ofxhost_message_persist(void *handle, const char *type, const char *id, const char *format, ...)
{
    DOOR(message(handle, 1, type, id, format, args));
}
#undef last
