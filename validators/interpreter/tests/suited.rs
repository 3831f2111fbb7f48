//! What the generator makes for a sensor is loaded by it, and what it breaks of that is no reason for a panic: two readings
//! of one contract that share no code.

use channel_contract::sysmon::schemas;
use channel_interpreter::sysmon::Rules;
use channel_interpreter::{Automata, Event, FaultKind, Input, Interpreter};
use channel_parser::{channel, sysmon};
use channel_smith::{Config, generate, strategy};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// The inputs of an event that are as small as they can be.
fn inputs(template: &channel_contract::TemplateType) -> Vec<Option<Input<'static>>> {
    use channel_parser::model::InputType;
    let input = |field: &channel_contract::Field| match field.input {
        InputType::Text => Input::Text(""),
        InputType::Integer => Input::Integer(0),
        InputType::Address => Input::Address(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
    };
    template.fields.iter().take(template.supplied as usize).map(|field| Some(input(field))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn content_that_suits_a_sensor_is_loaded_and_faults_on_no_event((contract, draft) in strategy::suited(Config::default())) {
        let bytes = channel::encode(&draft).unwrap();
        let file = channel::parse(&bytes).unwrap();
        let interpreter = match Interpreter::load(&file, &contract, Automata::new(&file)) {
            Ok(interpreter) => interpreter,
            Err(fault) => return Err(TestCaseError::fail(format!("{fault}"))),
        };
        for template in &contract.types {
            let inputs = inputs(template);
            let run = interpreter.run(&Event { template: template.id, inputs: &inputs }, &mut ());
            prop_assert!(run.is_ok(), "{:?}", run.err());
        }
    }

    #[test]
    fn a_blob_that_suits_a_sensor_is_loaded_and_faults_on_no_event((contract, draft) in strategy::made(|u| {
        let contract = (*u.choose(&schemas().collect::<Vec<_>>())?).clone();
        Ok(generate::blob(u, &contract, &Config::default())?.map(|draft| (contract, draft)))
    })) {
        let bytes = sysmon::encode(&draft).unwrap();
        let blob = sysmon::parse(&bytes).unwrap();
        let rules = match Rules::load(&blob, &contract) {
            Ok(rules) => rules,
            Err(fault) => return Err(TestCaseError::fail(format!("{fault}"))),
        };
        for template in contract.types.iter().filter(|template| template.event.is_some()) {
            let inputs = inputs(template);
            let run = rules.decide(&Event { template: template.id, inputs: &inputs }, &mut ());
            // Rules for other events of the name look a field up in this one's list: what Sysmon does, not what content says.
            let fault = run.err().filter(|fault| fault.kind != FaultKind::PastInputs);
            prop_assert!(fault.is_none(), "{fault:?}");
        }
    }
}
