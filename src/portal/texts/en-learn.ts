/** What the page Learn says, in English; what a step means is in core/trace/tutorial-texts.ts. */
export const enLearn = {
  learn: {
    title: 'Learn',
    lead: 'The three flows of a WPC, machine by machine, on your own network. No packet is sent.',
    flows: 'Flows',
    tabs: {
      'remote-access': 'A person reaches a server',
      internet: 'A person reaches the internet',
      sites: 'One site reaches another',
    },
    about: {
      'remote-access':
        'A device sends to a server behind a network. The connector has to forward what is not for itself, and the answer has to find its way back: by NAT, or by a route on the router.',
      internet:
        'With split tunnel off, everything goes into the tunnel, and leaves at a network that is an internet gateway. Two machines may translate addresses on this way.',
      sites:
        'A machine of one site sends to another site. Nobody translates: the router of each site needs a route for the other one.',
    },
    from: 'From',
    to: 'To',
    show: 'Show the flow',
    missing: 'What is missing',
    missingText: 'This flow is not possible yet:',
    needs: {
      person: 'nobody has a device. Add one to a user:',
      network: 'there is no network with a prefix and a connector.',
      secondNetwork: 'it takes two networks, each with a prefix and a connector.',
      internetPerson: 'no user group with a device sends its internet traffic through the tunnel.',
      gateway: 'no network is an internet gateway.',
    },
    addNetwork: 'Add a network',
    changeInternet: 'Change internet access',
    step: 'Step {{number}} of {{all}}',
    previous: 'Previous',
    next: 'Next',
    keys: 'Arrow keys go on and back.',
    arrives: 'Arrives as',
    leaves: 'Leaves as',
    changed: 'Changed:',
    means: 'What it means',
    without: {
      routed: 'Which flows would end without NAT on this connector',
      masquerade: 'Which flows would change with NAT on this connector',
    },
    suppose: 'Suppose that',
    asItIs: 'everything is as it is',
    supposeHelp: 'Shows where the packet ends then. Nothing is changed, and no packet is sent.',
    endsAlready: 'This flow does not arrive as it is, so there is nothing to take away from it. The trace says what mends it.',
    suppositions: {
      'forwarding-off': 'the connector does not forward',
      'no-nat': 'there is no NAT on the connector, and no route on the router',
      'edge-hides-own-lan': 'there is no NAT on the connector, and the router hides its own LAN alone',
      'no-route': 'the router where it begins has no route',
      'no-route-back': 'the router where it is answered has no route',
      'no-internet-gateway': 'no network is an internet gateway',
    },
    toTrace: 'Open as a trace, with what mends it',
  },
} as const;
