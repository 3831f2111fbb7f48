/* The second template type of sensor-8.0.c, in a translation unit of its own. */
#include "contentgate.h"

#define PROCESS(TYPE, FIELD) \
    TYPE(PROCESS, name("process"), id(3), revision(2), channel(285), instance_cap(8192)) \
    FIELD(PROCESS, Image, text(32768), required) \
    FIELD(PROCESS, CommandLine, text(32768), nullable) \
    FIELD(PROCESS, ParentProcessId, integer, nullable)

CONTENTGATE_TYPE(PROCESS);

#ifdef __cplusplus
extern "C"
#endif
size_t on_process_event(const char *image, const char *command_line, const char *parent);

size_t on_process_event(const char *image, const char *command_line, const char *parent)
{
    CONTENTGATE_INPUTS(PROCESS, const char *, inputs, image, command_line, parent);
    size_t present = 0;
    for (size_t i = 0; i < PROCESS_DEFINED; i++)
        present += inputs[i] != NULL;
    return present;
}
