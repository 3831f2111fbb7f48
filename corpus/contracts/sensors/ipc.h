/* The template type for inter-process communication that the sensors of this folder share, and what stands in for
 * their event and their interpreter. The field names are invented. */
#ifndef IPC_H
#define IPC_H

#include "contentgate.h"

/* 21 fields. */
#define IPC(TYPE, FIELD) \
    TYPE(IPC, name("ipc"), id(7), revision(1), channel(291), instance_cap(512)) \
    FIELD(IPC, PipeName, text(512), required) \
    FIELD(IPC, PipeServer, text(512), nullable) \
    FIELD(IPC, AccessMask, integer, required) \
    FIELD(IPC, ShareMode, integer, required) \
    FIELD(IPC, OpenDisposition, integer, required) \
    FIELD(IPC, ProcessId, integer, required) \
    FIELD(IPC, ImagePath, text(32768), required) \
    FIELD(IPC, CommandLine, text(32768), nullable) \
    FIELD(IPC, ImageHash, text(64), nullable) \
    FIELD(IPC, ParentProcessId, integer, nullable) \
    FIELD(IPC, ParentImagePath, text(32768), nullable) \
    FIELD(IPC, UserName, text(512), nullable) \
    FIELD(IPC, IntegrityLevel, integer, required) \
    FIELD(IPC, SessionId, integer, required) \
    FIELD(IPC, ThreadId, integer, required) \
    FIELD(IPC, ClientAddress, address, nullable) \
    FIELD(IPC, ImpersonationLevel, integer, required) \
    FIELD(IPC, PipeInstances, integer, required) \
    FIELD(IPC, SignerName, text(512), nullable) \
    FIELD(IPC, ServiceName, text(256), nullable) \
    FIELD(IPC, LogonSession, text(64), nullable)

struct input { const void *bytes; size_t length; };
struct pipe_event { struct input in[21]; };

#ifdef __cplusplus
extern "C"
#endif
int on_pipe_event(const struct pipe_event *e);

/* Stands for the content interpreter, which follows its content and not `count`. */
static inline int interpret(const struct input *const *inputs, size_t count)
{
    size_t present = 0;
    for (size_t i = 0; i < count; i++)
        present += inputs[i]->bytes != NULL;
    return (int)present;
}

#ifdef EXECUTABLE
int main(void)
{
    struct pipe_event event;
    for (size_t i = 0; i < 21; i++)
        event.in[i].bytes = NULL;
    return on_pipe_event(&event);
}
#endif

#endif
