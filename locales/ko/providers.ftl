login-providers = 다른 방법으로 로그인
login-with = { $provider } 계정으로 계속
login-routed = { $domain } 주소는 { $provider } 계정으로 로그인합니다.
login-problem-provider = 로그인하지 못했습니다

provider-cancelled = { $provider } 로그인을 취소하셨습니다. 다시 시도하거나 다른 방법으로 로그인해 주세요.
provider-unavailable = { $provider } 계정으로 로그인하지 못했습니다. 계정에는 문제가 없습니다. 나중에 다시 시도하거나 다른 방법으로 로그인해 주세요.
provider-not-recent = 열려는 페이지는 방금 로그인한 것을 확인해야 하는데, { $provider } 쪽에서 이를 알려 주지 않습니다. 다른 방법으로 로그인해 주세요.
provider-disabled = 이 { $provider } 계정에 연결된 계정은 사용이 중지되었습니다.
provider-linked-elsewhere = 이 { $provider } 계정은 이미 다른 계정에 연결되어 있습니다.
provider-ended = 시간이 지났거나 로그아웃되었습니다. { $provider } 로그인을 처음부터 다시 시작해 주세요.

first-time-heading = 처음 오셨네요
first-time-account = { $provider } 계정: { $account }. 아직 이 계정에 연결된 계정이 여기에 없습니다.
first-time-anonymous = { $provider } 계정으로 로그인했습니다. 아직 이 계정에 연결된 계정이 여기에 없습니다.
first-time-new = 새 계정으로 시작하기
first-time-known = 이미 여기에 계정이 있나요?
first-time-link = 그 계정으로 한 번 로그인해 주세요. 그다음부터는 { $provider } 계정으로도 로그인할 수 있습니다.
first-time-stale = 페이지가 오래 열려 있었습니다. 한 번 더 시도해 주세요.

link-heading = 앞으로 { $provider } 계정으로 로그인할까요?
link-what = 연결하면 { $provider } 계정으로 이곳의 { $username } 계정에 로그인할 수 있습니다. 내 계정 페이지에서 언제든지 해제할 수 있습니다.
link-here = 이곳의 계정
link-unnamed = 이름 없는 계정
link-submit = 연결하기
link-skip = 나중에

links-heading = 다른 계정으로 로그인
links-see = 보기 및 변경
links-what = 아래 계정에 로그인할 수 있는 사람은 이곳에도 로그인할 수 있습니다.
links-none = 연결된 계정이 없습니다.
links-since = { $date }부터.
links-last-used = 마지막 사용: { $date }.
links-remove = 해제
links-remove-of = { $provider } 연결 해제
links-add = { $provider } 계정 연결
links-last-way = 이 계정이 유일한 로그인 방법입니다. 먼저 비밀번호를 정해 주세요. 로그인 페이지의 “비밀번호를 잊으셨나요?”에서 정할 수 있습니다.

confirm-provider-why = 계정을 보호하기 위해 다시 로그인해 주세요.
confirm-no-way = 계정을 보호하기 위해 다시 로그인해야 합니다. 먼저 비밀번호를 정해 주세요. 로그아웃한 뒤 로그인 페이지의 “비밀번호를 잊으셨나요?”에서 정할 수 있습니다.

event-provider-linked = 로그인에 쓸 다른 계정을 연결했습니다
event-provider-linked-named = 로그인에 쓸 { $provider } 계정을 연결했습니다
event-provider-unlinked = 로그인에 쓰던 다른 계정을 해제했습니다
event-provider-unlinked-named = 로그인에 쓰던 { $provider } 계정을 해제했습니다

notice-provider-linked-subject = { $product } 로그인 방법이 추가되었습니다
notice-provider-linked = { $username } 계정에 다른 서비스의 계정이 연결되어, 이제 그 계정으로도 로그인할 수 있습니다. 시각: { $moment }, 변경한 곳: { $network }
notice-provider-linked-named = { $username } 계정에 { $provider } 계정이 연결되어, 이제 그 계정으로도 로그인할 수 있습니다. 시각: { $moment }, 변경한 곳: { $network }
notice-provider-unlinked-subject = { $product } 로그인 방법이 해제되었습니다
notice-provider-unlinked = 다른 서비스의 계정으로는 더 이상 { $username } 계정에 로그인할 수 없습니다. 시각: { $moment }, 변경한 곳: { $network }
notice-provider-unlinked-named = { $provider } 계정으로는 더 이상 { $username } 계정에 로그인할 수 없습니다. 시각: { $moment }, 변경한 곳: { $network }
