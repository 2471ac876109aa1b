export {
  type ChannelKind,
  channelKinds,
  channelStates,
  type DeliveryState,
  deliveryStates,
  severities,
  type Severity,
} from '#db/enums.ts';
