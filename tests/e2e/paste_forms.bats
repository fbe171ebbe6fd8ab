#!/usr/bin/env bats
# ACCOUNT/profile: every form people copy credentials in, and what the AWS SDK for Python reads
# from the credentials file then.

E2E_AWS=no
load helper

# form NAME FILTER...: a template on stdin, with @K, @S and @T in the places of the values; it gets a
# profile and keys of its own, and goes through a filter
form() {
	made_up_keys "$1"
	count=$((count + 1))
	printf '[form-%d]\nregion = eu-west-1\naws_session_token = old\n\n' $count >>"$aws/credentials"
	sed -e "s|@K|$key|; s|@S|$key_secret|; s|@T|$token|" | "${@:2}" >"form-$count"
	printf '%s\t%s\t%s\t%s\t%s\n' "form-$count" "$key" "$key_secret" "$token" "$1" >>wanted
}

crlf() { sed 's/$/\r/'; }
no_end() { head -c -1; }
joined() { paste -sd "$1"; }

portal() {
	form "Option 1, macOS and Linux" cat <<-'END'
		export AWS_ACCESS_KEY_ID="@K"
		export AWS_SECRET_ACCESS_KEY="@S"
		export AWS_SESSION_TOKEN="@T"
	END
	form "Option 1, Windows" crlf <<-'END'
		SET AWS_ACCESS_KEY_ID=@K
		SET AWS_SECRET_ACCESS_KEY=@S
		SET AWS_SESSION_TOKEN=@T
	END
	form "Option 1, PowerShell" crlf <<-'END'
		$Env:AWS_ACCESS_KEY_ID="@K"
		$Env:AWS_SECRET_ACCESS_KEY="@S"
		$Env:AWS_SESSION_TOKEN="@T"
	END
	form "Option 2" no_end <<-'END'
		[123456789012_AdministratorAccess]
		aws_access_key_id=@K
		aws_secret_access_key=@S
		aws_session_token=@T
	END
	form "Option 2 of 2021" crlf <<-'END'
		[123456789012_AdministratorAccess]
		aws_access_key_id = @K
		aws_secret_access_key = @S
		aws_session_token = @T
	END
	form "Option 3" cat <<-'END'
		AWS Access Key Id
		@K
		AWS Secret access key
		@S
		AWS session token
		@T
	END
	form "Option 3, values alone" no_end <<-'END'
		@K
		@S
		@T
	END
	form "Option 2, wrapped by the terminal" fold -w 80 <<-'END'
		[123456789012_AdministratorAccess]
		aws_access_key_id=@K
		aws_secret_access_key=@S
		aws_session_token=@T
	END
	form "Option 1, wrapped by the terminal" fold -w 80 <<-'END'
		export AWS_ACCESS_KEY_ID="@K"
		export AWS_SECRET_ACCESS_KEY="@S"
		export AWS_SESSION_TOKEN="@T"
	END
}

tools() {
	form "aws configure set" cat <<-'END'
		aws configure set profile.x.aws_access_key_id "@K"
		aws configure set profile.x.aws_secret_access_key "@S"
		aws configure set profile.x.aws_session_token "@T"
	END
	form "aws configure set --profile" cat <<-'END'
		$ aws configure set aws_access_key_id @K --profile x
		$ aws configure set aws_secret_access_key @S --profile x
		$ aws configure set aws_session_token @T --profile x
	END
	form "fish" cat <<-'END'
		set -gx AWS_ACCESS_KEY_ID @K
		set -gx AWS_SECRET_ACCESS_KEY @S
		set -gx AWS_SESSION_TOKEN '@T'
	END
	form "setx" crlf <<-'END'
		setx AWS_ACCESS_KEY_ID @K
		setx AWS_SECRET_ACCESS_KEY @S
		setx AWS_SESSION_TOKEN @T
	END
	form ".env" cat <<-'END'
		# for the tests
		AWS_ACCESS_KEY_ID=@K
		AWS_SECRET_ACCESS_KEY='@S'
		AWS_SESSION_TOKEN="@T"
	END
	form "saml2aws" cat <<-'END'
		export AWS_ACCESS_KEY_ID=@K
		export AWS_SECRET_ACCESS_KEY=@S
		export AWS_SESSION_TOKEN=@T
		export AWS_SECURITY_TOKEN=@T
		export SAML2AWS_PROFILE=saml
		export AWS_CREDENTIAL_EXPIRATION=2036-01-01T00:00:00Z
	END
	form "in one line" joined ' ' <<-'END'
		AWS_ACCESS_KEY_ID=@K
		AWS_SECRET_ACCESS_KEY=@S
		AWS_SESSION_TOKEN=@T
		aws s3 ls
	END
	form "in one line, PowerShell" joined ';' <<-'END'
		$Env:AWS_ACCESS_KEY_ID="@K"
		$Env:AWS_SECRET_ACCESS_KEY="@S"
		$Env:AWS_SESSION_TOKEN="@T"
	END
	form "a prompt and a fence" cat <<-'END'
		```
		jane@host:~$ export AWS_ACCESS_KEY_ID=@K
		PS C:\Users\jane> $Env:AWS_SECRET_ACCESS_KEY="@S"
		C:\>set AWS_SESSION_TOKEN=@T
		```
	END
}

programs() {
	form "YAML" cat <<-'END'
		credentials:
		  aws_access_key_id: "@K"
		  aws_secret_access_key: @S
		  aws_session_token: '@T'
	END
	form "JavaScript" cat <<-'END'
		const s3 = new S3Client({ region: "us-east-1", credentials: {
		  accessKeyId: '@K',
		  secretAccessKey: '@S',
		  sessionToken: '@T',
		} });
	END
	form "Terraform" cat <<-'END'
		provider "aws" {
		  access_key = "@K"
		  secret_key = "@S"
		  token      = "@T"
		}
	END
	form "assume-role" cat <<-'END'
		{
		    "Credentials": {
		        "AccessKeyId": "@K",
		        "SecretAccessKey": "@S",
		        "SessionToken": "@T",
		        "Expiration": "2036-01-01T00:00:00+00:00"
		    },
		    "AssumedRoleUser": {"Arn": "arn:aws:sts::123456789012:assumed-role/R/sess"}
		}
	END
	form "get-role-credentials" no_end <<-'END'
		{"roleCredentials":{"accessKeyId":"@K",
		"secretAccessKey":"@S",
		"sessionToken":"@T","expiration":2082758400000}}
	END
	form "instance metadata" crlf <<-'END'
		{"Code":"Success","AccessKeyId":"@K",
		"SecretAccessKey":"@S",
		"Token":"@T","Expiration":"2036-01-01T00:00:00Z"}
	END
}

@test "every form that credentials are copied in is what the SDK reads then" {
	python3 -c 'import botocore' || skip "no botocore"
	local count=0 i failed=0
	touch "$aws/credentials"
	chmod 600 "$aws/credentials"
	portal
	tools
	programs
	start
	for ((i = 1; i <= count; i++)); do
		cat "form-$i" >"$mnt/form-$i/profile" || {
			cut -f 5 wanted | sed -n ${i}p
			cat "$mnt/form-$i/error"
			failed=1
		} >&2
	done
	[ $failed = 0 ]
	AWS_SHARED_CREDENTIALS_FILE=$aws/credentials python3 - <<-'END'
		import botocore.session
		bad = []
		for line in open("wanted"):
		    profile, key, secret, token, name = line.rstrip("\n").split("\t")
		    session = botocore.session.Session(profile=profile)
		    got = session.get_credentials()
		    if (got.access_key, got.secret_key, got.token) != (key, secret, token):
		        bad.append(name)
		assert not bad, bad
	END
	# what only some forms tell
	[ "$(grep -c '^x_security_token_expires = 2036-01-01T00:00:00Z' "$aws/credentials")" = 4 ]
	[ "$(grep -c '^region = eu-west-1' "$aws/credentials")" = "$count" ]
	nothing_beside
}

# refused TEXT: the command fails, and the file is what it was
refused() {
	printf '%s\n' "$1" >text
	run cp text "$mnt/acme/profile"
	[ "$status" -ne 0 ] || {
		echo "taken: ${1:0:60}" >&2
		return 1
	}
	unchanged "$aws/credentials"
	grep -q 'line [0-9]' "$mnt/acme/error"
}

@test "two profiles, half documents and two accounts are refused, with the line" {
	add_profile acme
	keep "$aws/credentials"
	start
	made_up_keys 1
	local document='{"AccessKeyId":"'$key'","SecretAccessKey":"'$key_secret'","SessionToken":"'$token'"'
	local one
	one=$(option_2 one)
	made_up_keys 2
	refused "$one"$'\n'"$(option_2 two)"
	refused "$document}"$'\n'"$(option_2 two | tail -n 3)"
	refused "$document"
	refused "$document,\"AccountId\":\"123456789012\",\"RoleArn\":\"arn:aws:iam::210987654321:role/R\"}"
	refused "export AWS_ACCESS_KEY_ID=$key"$'\n'"export AWS_SECRET_ACCESS_KEY=$key_secret"
	refused '{"a": 1}'
	refused "AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$key_secret AWS_SESSION_TOKEN=\"${token:0:30}"
	nothing_beside
}
