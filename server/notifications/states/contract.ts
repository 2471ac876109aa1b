export {
  type ChannelKind,
  channelKinds,
  type ChannelState,
  channelStates,
  type DeliveryState,
  deliveryStates,
  severities,
  type Severity,
} from '#db/enums.ts';
