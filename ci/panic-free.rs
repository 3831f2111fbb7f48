//! Calls every public function of the reader and of the interpreter, for `ci/panic-free.sh`, which links this with a
//! panic handler that does not exist.
#![no_std]

use channel_contract::Contract;
use channel_interpreter::sysmon::{Answer, Rules};
use channel_interpreter::{Event, Fault, FaultKind, Input, Interpreter, NoRegexes, Watch, text};
use channel_parser::Error;
use channel_parser::channel::{Criterion, Detection, FileName, Instance, examine, parse};
use channel_parser::model::Operator;
use channel_parser::model::view::{self, Content};
use channel_parser::sysmon;
use core::alloc::{GlobalAlloc, Layout};
use core::fmt::Write;
use core::hint::black_box;
use core::panic::PanicInfo;

unsafe extern "C" {
    fn this_can_panic() -> !;
    fn this_allocates() -> *mut u8;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe { this_can_panic() }
}

/// A contract owns memory, so that something must be there to own it with; nothing here may ask it for more.
struct NoMemory;

unsafe impl GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        unsafe { this_allocates() }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        unsafe { this_allocates() };
    }
}

#[global_allocator]
static ALLOCATOR: NoMemory = NoMemory;

/// Where the text of an error goes.
struct Sink;

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        black_box(text);
        Ok(())
    }
}

fn report(error: &Error) {
    let _ = write!(Sink, "{error} {}", error.path);
}

/// # Safety
///
/// `start` points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(start: *const u8, length: usize) -> bool {
    let bytes = unsafe { core::slice::from_raw_parts(start, length) };
    if let Some(name) = core::str::from_utf8(bytes).ok().and_then(FileName::parse) {
        black_box(name);
    }
    let Some(file) = examine(bytes, &mut |error| report(&error)) else { return false };
    black_box(file.header());
    for entry in file.extra_sections() {
        black_box(file.section_bytes(&entry));
    }
    for template in file.types() {
        black_box((
            template.index(),
            template.path(),
            template.id(),
            template.id_span(),
            template.revision(),
        ));
        black_box((
            template.revision_span(),
            template.name(),
            template.name_span(),
            template.field_count_span(),
        ));
        for (index, name) in (0u32..).zip(template.fields()) {
            black_box((name, template.field_span(index.into())));
        }
    }
    for detection in file.detections() {
        black_box((detection.id(), detection.id_span(), detection.level(), detection.provenance()));
        for instance in detection.include().chain(detection.exclude()) {
            black_box((instance.template().map(|template| template.id()), instance.template_span()));
            black_box((instance.detection().map(|owner| owner.index()), instance.field_count_span()));
            for criterion in instance.criteria() {
                black_box((criterion.path(), criterion.field(), criterion.span(), criterion.is_wildcard()));
                for clause in criterion.clauses() {
                    black_box((clause.quantifier(), clause.span(), clause.position_in(&criterion)));
                }
                for pattern in criterion.patterns() {
                    black_box((pattern.operator(), pattern.nocase(), pattern.operator_span()));
                    black_box((pattern.operand(), pattern.operand_span()));
                }
            }
        }
    }
    parse(bytes).is_ok()
}

/// # Safety
///
/// `start` points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read_rules(start: *const u8, length: usize) -> bool {
    let bytes = unsafe { core::slice::from_raw_parts(start, length) };
    for cell in sysmon::cells(bytes) {
        let _ = write!(Sink, "{} {:?}", cell.path, cell.kind);
    }
    let Some(blob) = sysmon::examine(bytes, &mut |error| report(&error)) else { return sysmon::looks_like(bytes) };
    let _ = write!(Sink, "{:?} {} {:?}", blob.header(), blob.version(), blob.schema());
    for event in blob.events() {
        black_box((event.index(), event.path(), event.offset(), event.id(), event.id_span(), event.default()));
        black_box((event.default_span(), event.combine(), event.count(), event.span()));
        for filter in event.filters() {
            let _ = write!(Sink, "{} {} {}", filter.path(), filter.name(), filter.value());
            black_box((filter.indices(), filter.offset(), filter.field(), filter.field_index_span()));
            black_box((filter.name_span(), filter.operator(), filter.has_environment(), filter.operator_span()));
            black_box((filter.value_span(), filter.span(), filter.aggregation(), filter.group()));
            black_box(filter.value().values().map(|value| value.len() + value.units().count()).max());
        }
    }
    for item in blob.events().flat_map(|event| event.items()) {
        black_box((item.event().effect(), item.path(), item.name(), item.aggregation(), item.filters().count()));
    }
    for group in blob.aggregations() {
        let _ = write!(Sink, "{} {}", group.path(), group.name());
        black_box((group.index(), group.offset(), group.id(), group.name_span(), group.combine()));
        black_box((group.count(), group.first(), group.memory(), group.span()));
    }
    sysmon::parse(bytes).is_ok()
}

/// # Safety
///
/// `start` points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read_content(start: *const u8, length: usize) -> bool {
    let bytes = unsafe { core::slice::from_raw_parts(start, length) };
    let Some(content) = Content::examine(bytes, &mut |error| report(&error)) else { return false };
    black_box((content.format(), content.bytes(), content.instances().count(), content.criteria().count()));
    for detection in content.detections() {
        black_box((detection.path(), detection.span(), detection.name()));
        for instance in detection.instances() {
            black_box((instance.path(), instance.template(), instance.effect()));
            black_box(instance.detection().map(|own| own.path()));
            if let Some(name) = instance.name() {
                let _ = write!(Sink, "{name}");
            }
            for criterion in instance.criteria() {
                black_box((criterion.path(), criterion.span(), criterion.field(), criterion.is_wildcard()));
                black_box((criterion.instance().path(), criterion.name()));
                if let view::Criterion::Blob { item, filter } = criterion {
                    black_box((item.event().index(), item.aggregation().map(|one| one.id()), filter.field()));
                }
            }
        }
    }
    Content::parse(bytes).is_ok()
}

/// Looks at all that the interpreter shows.
struct All;

impl Watch for All {
    fn criterion(&mut self, criterion: &Criterion<'_>, holds: bool) {
        black_box((criterion.path(), holds));
    }

    fn instance(&mut self, instance: &Instance<'_>) {
        black_box(instance.path());
    }

    fn detection(&mut self, detection: &Detection<'_>) {
        black_box(detection.path());
    }
}

impl channel_interpreter::sysmon::Watch for All {
    fn filter(&mut self, filter: &sysmon::Filter<'_>, answer: Answer) {
        black_box((filter.path(), answer));
    }

    fn group(&mut self, group: &sysmon::Aggregation<'_>, answer: Answer) {
        black_box((group.path(), answer));
    }

    fn rules(&mut self, event: &sysmon::Event<'_>, answer: Answer) {
        black_box((event.path(), answer));
    }
}

fn faulty(fault: &Fault) {
    let word = fault.kind.word();
    let _ = write!(Sink, "{fault} {} {word} {:?}", fault.path, FaultKind::from_word(word));
}

/// # Safety
///
/// `start` points at `length` bytes, `contract` at a contract, `inputs` at `count` inputs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn interpret(
    start: *const u8,
    length: usize,
    contract: *const Contract,
    template: u32,
    inputs: *const Option<Input<'_>>,
    count: usize,
) -> bool {
    let bytes = unsafe { core::slice::from_raw_parts(start, length) };
    let (contract, inputs) = unsafe { (&*contract, core::slice::from_raw_parts(inputs, count)) };
    let event = Event { template: template.into(), inputs };
    let Some(file) = examine(bytes, &mut |error| report(&error)) else { return false };
    if let Err(fault) = Interpreter::load(&file, contract, NoRegexes) {
        faulty(&fault);
    }
    let interpreter = Interpreter::new(&file, contract, NoRegexes);
    interpreter.load_faults(&mut |fault| faulty(&fault));
    black_box((interpreter.file().header(), interpreter.contract().interpreter));
    match interpreter.run(&event, &mut All) {
        Ok(outcome) => _ = black_box(outcome),
        Err(fault) => faulty(&fault),
    }
    for instance in file.instances() {
        match interpreter.run_instance(&instance, &event, &mut ()) {
            Ok(matches) => _ = black_box(matches),
            Err(fault) => faulty(&fault),
        }
    }
    for input in inputs.iter().flatten() {
        black_box(input.input_type());
        if let (Input::Text(text), Ok(operand)) = (input, core::str::from_utf8(bytes)) {
            let all = Operator::ALL.iter().map(|operator| text::matches(*operator, true, operand, text));
            black_box(all.filter(|one| *one == Some(true)).count());
        }
    }
    true
}

/// # Safety
///
/// `start` points at `length` bytes, `contract` and `meant` at a contract, `inputs` at `count` inputs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn interpret_rules(
    start: *const u8,
    length: usize,
    contract: *const Contract,
    meant: *const Contract,
    template: u32,
    inputs: *const Option<Input<'_>>,
    count: usize,
) -> bool {
    let bytes = unsafe { core::slice::from_raw_parts(start, length) };
    let (contract, meant) = unsafe { (&*contract, &*meant) };
    let event = Event { template: template.into(), inputs: unsafe { core::slice::from_raw_parts(inputs, count) } };
    let Some(blob) = sysmon::examine(bytes, &mut |error| report(&error)) else { return false };
    if let Err(fault) = Rules::load(&blob, contract) {
        faulty(&fault);
    }
    let rules = Rules::new(&blob, contract);
    rules.load_faults(Some(meant), &mut |fault| faulty(&fault));
    match rules.decide(&event, &mut All) {
        Ok(decision) => _ = black_box((decision.logged, decision.rule, decision.failures, decision.work)),
        Err(fault) => faulty(&fault),
    }
    true
}
